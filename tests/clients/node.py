"""Clients written in JavaScript, run by Node.js."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

import httpx

from tests.live.server import LiveServer

HERE = Path(__file__).parent / "javascript"
PASSWORD = "correct horse battery staple"
NODE, NPM = shutil.which("node"), shutil.which("npm")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def run_client(script: str, server: LiveServer, **more: str) -> list[str]:
    """The lines that a client of a newly registered person prints."""
    email = f"{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
    httpx.post(f"{server.url}/v1/auth/register", json=body).raise_for_status()
    public = server.url.replace("127.0.0.1", "localhost")  # PUBLIC_BASE_URL, which proofs and passkeys name
    env = {**os.environ, "BASE_URL": public, "EMAIL": email, "PASSWORD": PASSWORD, **more}
    command = [str(NODE), str(HERE / script)]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()
