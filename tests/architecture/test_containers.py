"""The container files agree with the code: processes, variables, ports, the size of what is sent to the builder."""

import fnmatch
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.env import Process
from tests.architecture.sources import BASE_DIR

CONTEXT_LIMIT = 5_000_000  # bytes
SERVERS = {Process.WEB, Process.REALTIME, Process.ADMIN}
DEPLOYED = SERVERS | {Process.WORKER, Process.BEAT}
# Read by the entry point and by libraries.
OUTSIDE = {"DRAIN_SECONDS", "PROMETHEUS_MULTIPROC_DIR"}


def _text(path: str) -> str:
    return (BASE_DIR / path).read_text()


def _compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load(_text("docker-compose.yml"))
    return composed


def _fly() -> dict[str, Any]:
    return tomllib.loads(_text("fly.toml"))


def _described_variables() -> list[str]:
    return re.findall(r"^([A-Z_]+)=", _text(".env.example"), re.MULTILINE)


def _read_variables() -> set[str]:
    return set(re.findall(r"""(?:env\.\w+\(|_secret\(env, )["']([A-Z_]+)["']""", _text("config/env.py")))


def test_env_example__every_variable__is_described_once_in_a_comment_above() -> None:
    described = _described_variables()

    assert sorted(described) == sorted(_read_variables() | OUTSIDE)
    lines = _text(".env.example").splitlines()
    variables = [number for number, line in enumerate(lines) if re.match(r"[A-Z_]+=", line)]
    assert [lines[number] for number in variables if not lines[number - 1].startswith("# ")] == []


@pytest.mark.parametrize("name", sorted(DEPLOYED))
def test_compose__process__is_a_service_that_starts_it(name: str) -> None:
    service = _compose()["services"][name]

    assert service["environment"]["GIGVORA_PROCESS"] == name
    assert set(service["environment"]) <= set(_described_variables())
    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "command" not in service


def test_compose__one_image__built_here() -> None:
    services = _compose()["services"]

    assert {name for name, service in services.items() if "build" in service} == DEPLOYED | {"migrate"}
    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert set(services) - DEPLOYED - {"migrate"} == {"postgres", "redis", "minio", "mailpit"}


def test_compose__every_dependency__is_healthy_before_it_is_used() -> None:
    services = _compose()["services"]
    named = {dependency for service in services.values() for dependency in service.get("depends_on", {})}

    assert named <= set(services)
    for name in ("postgres", "redis", "minio", "mailpit"):
        assert services[name]["healthcheck"]["test"]


def test_compose__published_ports__stay_on_this_machine() -> None:
    published = [port for service in _compose()["services"].values() for port in service.get("ports", [])]

    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    assert len({port.rsplit(":", 1)[0] for port in published}) == len(published)


def test_fly__app__is_the_address_that_shipped_clients_call() -> None:
    fly = _fly()

    assert fly["app"] == "jobswipe"
    assert fly["env"]["ENVIRONMENT"] == "production"
    assert fly["env"]["PUBLIC_BASE_URL"] == "https://jobswipe.fly.dev"
    assert fly["deploy"]["release_command"] == "python manage.py migrate --noinput"
    assert set(fly["env"]) <= set(_described_variables())


def test_fly__process_groups__are_the_platforms_processes() -> None:
    fly = _fly()

    tunnelled = {Process.ADMIN: "HOST=:: "}  # the private network, by which staff come, is IPv6
    assert fly["processes"] == {
        name: f"env GIGVORA_PROCESS={name} {tunnelled.get(name, '')}/app/deploy/entrypoint" for name in sorted(DEPLOYED)
    }
    sized = [process for vm in fly["vm"] for process in vm["processes"]]
    assert sorted(sized) == sorted(DEPLOYED)


def test_fly__public_services__are_checked_for_health_and_readiness() -> None:
    fly = _fly()
    [sockets] = fly["services"]

    assert fly["http_service"]["processes"] == ["web"]
    assert sockets["processes"] == ["realtime"]
    assert {check["path"] for check in fly["http_service"]["checks"]} == {"/health", "/readiness"}
    assert {check["path"] for check in sockets["http_checks"]} == {"/health", "/readiness"}
    assert {fly["http_service"]["internal_port"], sockets["internal_port"]} == {int(fly["env"]["PORT"])}
    assert fly["http_service"]["min_machines_running"] >= 2


def test_fly__grace__outlasts_draining_and_the_servers_own() -> None:
    fly = _fly()
    own = int(re.findall(r"^GRACE = (\d+)", _text("config/serve.py"), re.MULTILINE)[0])

    assert int(fly["kill_timeout"].removesuffix("s")) >= int(fly["env"]["DRAIN_SECONDS"]) + own


def test_dockerfile__mark_of_draining__is_not_in_the_home_that_containers_may_share() -> None:
    settings = dict(re.findall(r"([A-Z_]+)=(\S+)", _text("Dockerfile").split("\nFROM ")[-1]))

    assert not Path(settings["DRAIN_FILE"]).is_relative_to(settings["GIGVORA_HOME"])


def test_dockerfile__final_stage__is_small_and_not_root() -> None:
    stages = re.split(r"^FROM ", _text("Dockerfile"), flags=re.MULTILINE)[1:]
    build, final = stages

    assert build.startswith("python:3.12-slim AS build\n")
    assert final.startswith("python:3.12-slim\n")
    assert "uv sync --locked --no-dev" in build
    assert "collectstatic" in build
    for tool in ("uv ", "pip ", "apt-get", "gcc"):
        assert tool not in final
    assert "\nUSER 10001\n" in final
    assert "\nHEALTHCHECK " in final
    assert 'ENTRYPOINT ["/app/deploy/entrypoint"]' in final
    variables = re.findall(r"^\s+([A-Z_]+)=", final, re.MULTILINE)
    assert set(variables) <= {*_described_variables(), "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def test_dockerfile__uv__is_the_version_that_make_installs() -> None:
    [pinned] = re.findall(r"^UV_VERSION := (\S+)$", _text("Makefile"), re.MULTILINE)

    assert f"uv=={pinned}\n" in _text("Dockerfile")


def test_scripts__entrypoint_and_healthcheck__are_executable_shell() -> None:
    for script in ("deploy/entrypoint", "deploy/healthcheck"):
        assert (BASE_DIR / script).stat().st_mode & 0o111
        subprocess.run(["sh", "-n", BASE_DIR / script], check=True)


def test_build_context__whole_checkout__is_small() -> None:
    assert sum((BASE_DIR / path).stat().st_size for path in _build_context()) < CONTEXT_LIMIT


def test_build_context__what_is_copied__has_the_code_and_nothing_private() -> None:
    context = _build_context()
    top = {path.parts[0] for path in context}

    assert {"manage.py", "pyproject.toml", "uv.lock", "config", "core", "deploy", "events"} <= top
    assert not top & {"tests", "docs", "bench", "var", ".git", ".venv", "flutter", "backup", "mobile-app", "examples"}
    assert [path for path in context if path.suffix in {".pyc", ".sqlite3", ".pem", ".key"}] == []
    private = ("core/.env", "core/x/.env.local", "flutter/app.dart", "docs/a.md", "mobile-app/b", "backup/c.sql")
    assert [path for path in private if _is_sent(path)] == []


def test_build_context__every_local_app__is_sent() -> None:
    apps = [path.parent.name for path in BASE_DIR.glob("*/apps.py")]

    assert [app for app in apps if not _is_sent(f"{app}/apps.py")] == []


def _build_context() -> list[Path]:
    """The files that would be sent to the builder; folders that nothing lets in again are not walked."""
    admitted = [entry for entry in BASE_DIR.iterdir() if _is_sent(entry.name)]
    files = [path for entry in admitted for path in ([entry] if entry.is_file() else entry.rglob("*"))]
    relative = [path.relative_to(BASE_DIR) for path in files if path.is_file()]
    return [path for path in relative if _is_sent(path.as_posix())]


def _is_sent(path: str) -> bool:
    """Docker's rule: of the patterns that match the path or a folder above it, the last one decides."""
    sent = True
    for line in _text(".dockerignore").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _matches(path, pattern.removeprefix("!").rstrip("/")):
            sent = pattern.startswith("!")
    return sent


def _matches(path: str, pattern: str) -> bool:
    parts = path.split("/")
    parents = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatchcase(part, pattern[3:]) for part in parts)
    return any(fnmatch.fnmatchcase(parent, pattern) and parent.count("/") == pattern.count("/") for parent in parents)
