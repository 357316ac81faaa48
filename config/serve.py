"""Start one of the platform's processes: `python -m config.serve [all|web|realtime|admin|worker|beat]`.

The API is served over WSGI by granian, sockets and the embedded all-in-one over ASGI by uvicorn; why is in
`docs/adr/`. This module imports no Django, so that the server it becomes is the first to pay for it.
"""

import os
import sys

from config.env import BASE_DIR, Environment, Process, read_environment

GRACE = 30  # seconds that a stopping process gives to what it has begun
# glibc raises its own threshold after the first large block and then keeps the memory of every one: a quarter of
# what two web workers hold after hashing passwords. A fixed threshold hands large blocks back.
MMAP_THRESHOLD = 1_048_576  # bytes
METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"


def main(arguments: list[str]) -> None:
    process = Process(arguments[0]) if arguments else Process.ALL
    os.environ["GIGVORA_PROCESS"] = process
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(MMAP_THRESHOLD))
    if not os.environ.get(METRICS_DIR):
        os.environ.pop(METRICS_DIR, None)  # set but empty, the library would share metrics in the working directory
    env = read_environment()
    if process is Process.ALL and not env.is_production:
        sys.stdout.write(banner(env))
        sys.stdout.flush()
    command = command_of(process, env)
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606  one program becomes another


def command_of(process: Process, env: Environment) -> list[str]:
    """The module and arguments that this process becomes."""
    match process:
        case Process.WEB | Process.ADMIN:
            return _granian(env)
        case Process.ALL | Process.REALTIME:
            return _uvicorn(env)
        case Process.WORKER if env.celery_broker_url:
            return ["celery", "--app", "config.celery", "worker", "--loglevel", env.log_level]
        case Process.BEAT:
            # Not in the working directory, which the image's user may not write to.
            schedule = str(env.home / "celerybeat-schedule")
            return ["celery", "--app", "config.celery", "beat", "--loglevel", env.log_level, "--schedule", schedule]
        case Process.WORKER:
            return ["django", "run_jobs", "--settings", "config.settings"]


def _granian(env: Environment) -> list[str]:
    # Two blocking threads a worker: more fight over the interpreter lock and the database's connections.
    return [
        *("granian", "--interface", "wsgi", "config.wsgi:application"),
        *("--host", env.host, "--port", str(env.port)),
        *("--workers", str(env.workers), "--blocking-threads", "2"),
        *("--workers-kill-timeout", str(GRACE), "--respawn-failed-workers", "--no-ws"),
        *_log_config(env),
    ]


def _uvicorn(env: Environment) -> list[str]:
    return [
        *("uvicorn", "config.asgi:application"),
        *("--host", env.host, "--port", str(env.port)),
        *("--timeout-graceful-shutdown", str(GRACE), "--no-access-log", "--no-server-header"),
        *("--lifespan", "on", "--no-proxy-headers", "--log-level", "warning"),
        *_log_config(env),
    ]


def _log_config(env: Environment) -> list[str]:
    """In production the server itself logs as the application does, also before the application is loaded."""
    return ["--log-config", str(BASE_DIR / "config" / "logging.json")] if env.is_production else []


def banner(env: Environment) -> str:
    """What a developer wants to know first."""
    here = f"http://localhost:{env.port}"
    accounts = ("freelancer", "client", "mentor", "support", "lead", "marketing", "finance", "admin")
    return f"""
Gigvora backend on {here}

  API         {here}/v1        documents  {here}/docs
  Staff       {here}/{env.staff_path:<9} health     {here}/health
  Files, mail {env.home}

  Demo accounts, password demo-Pass-2026!
    {", ".join(f"{name}@demo.gigvora.com" for name in accounts[:4])}
    {", ".join(f"{name}@demo.gigvora.com" for name in accounts[4:])}

  Try: curl -s {here}/v1/auth/login -H 'Content-Type: application/json' \\
         -d '{{"email": "freelancer@demo.gigvora.com", "password": "demo-Pass-2026!"}}'

"""


if __name__ == "__main__":
    main(sys.argv[1:])
