"""Start one of the platform's processes: `python -m config.serve [all|web|realtime|admin|worker|beat]`.

The API is served over WSGI by granian, sockets and the embedded all-in-one over ASGI by uvicorn; why is in
`docs/adr/`. This module imports no Django, so that the server it becomes is the first to pay for it.
"""

import os
import sys

from config.env import BASE_DIR, Environment, Process, read_environment

GRACE = 30  # seconds that a stopping process gives to what it has begun
# glibc gives each thread an arena and keeps what each has ever used. Threads here take turns, so one serves them all.
ARENAS = 1
METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
BROKER = "CELERY_BROKER_URL"


def main(arguments: list[str]) -> None:
    process = Process(arguments[0]) if arguments else Process.ALL
    os.environ["GIGVORA_PROCESS"] = process
    os.environ.setdefault("MALLOC_ARENA_MAX", str(ARENAS))
    if not os.environ.get(METRICS_DIR):
        os.environ.pop(METRICS_DIR, None)  # set but empty, the library would share metrics in the working directory
    if process is Process.ALL:
        os.environ.setdefault(BROKER, "")  # all means the jobs, too; who names a broker brings workers
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
            return ["config.web"]
        case Process.ALL | Process.REALTIME:
            return _uvicorn(env)
        case Process.WORKER if env.celery_broker_url:
            return ["celery", "--app", "config.celery", "worker", "--loglevel", env.observability.log_level]
        case Process.BEAT:
            # Not in the working directory, which the image's user may not write to.
            schedule = str(env.home / "celerybeat-schedule")
            return [
                "celery",
                "--app",
                "config.celery",
                "beat",
                "--loglevel",
                env.observability.log_level,
                "--schedule",
                schedule,
            ]
        case Process.WORKER:
            return ["django", "run_jobs", "--settings", "config.settings"]


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
    jobs = "by Celery: start `config.serve worker` and `beat`, too" if env.celery_broker_url else "in this process"
    accounts = ("freelancer", "client", "mentor", "support", "lead", "marketing", "finance", "admin")
    return f"""
Gigvora backend on {here}

  API         {here}/v1        documents  {here}/docs
  Staff       {here}/{env.staff_path:<9} health     {here}/health
  Files, mail {env.home}
  Later work  {jobs}

  Demo accounts, password demo-Pass-2026!
    {", ".join(f"{name}@demo.gigvora.com" for name in accounts[:4])}
    {", ".join(f"{name}@demo.gigvora.com" for name in accounts[4:])}

  Try: curl -s {here}/v1/auth/login -H 'Content-Type: application/json' \\
         -d '{{"email": "freelancer@demo.gigvora.com", "password": "demo-Pass-2026!"}}'

"""


if __name__ == "__main__":
    main(sys.argv[1:])
