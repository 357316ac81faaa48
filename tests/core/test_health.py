from django.test import Client


def test_health__process_is_up__ok() -> None:
    response = Client().get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
