"""Sending batches, and telling what became of their operations."""

from typing import Any

from rest_framework.test import APIClient


def op(name: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return {"id": name, "method": method, "path": path, "headers": named, "body": body}


def send(client: APIClient, *operations: dict[str, Any], atomic: bool = False, **headers: Any) -> Any:
    return client.post("/v1/batch", {"operations": operations, "atomic": atomic}, format="json", **headers)


def results(client: APIClient, *operations: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = send(client, *operations, **options)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    assert [each["id"] for each in found] == [each["id"] for each in operations]
    return found


def outcome(result: dict[str, Any]) -> tuple[int, str]:
    return result["status"], (result["body"] or {}).get("code", "")
