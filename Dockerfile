# syntax=docker/dockerfile:1
# One image for every process; GIGVORA_PROCESS says which it becomes.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
# Dependencies first: they change less often than the code, and their layer is kept.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev
COPY . .
# The settings want a home for development keys; this one is thrown away with the stage.
RUN GIGVORA_HOME=/tmp/build .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && .venv/bin/python -m compileall -q access accounts calendar_app config core events

FROM python:3.12-slim
ARG GIGVORA_RELEASE=development
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    GIGVORA_HOME=/srv/gigvora \
    GIGVORA_RELEASE=$GIGVORA_RELEASE \
    PORT=8000 \
    DRAIN_FILE=/tmp/draining \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gigvora \
    && install --directory --owner=gigvora /srv/gigvora
WORKDIR /app
COPY --from=build /app /app
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["/app/deploy/healthcheck"]
ENTRYPOINT ["/app/deploy/entrypoint"]
