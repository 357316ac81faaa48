"""An integrator's receiver over a real socket, which verifies with the published library and counts what it did."""

from collections import Counter
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.fakes.https import HttpsServer, Reply, Request

PATH = "/hooks"


class Receiver(HttpsServer):
    """Refuses what is not signed with one of `secrets` by 401, and does the work of an event once.

    Attributes:
        events: the verified bodies by `webhook-id`, each once.
        deliveries: how often each `webhook-id` has arrived and was genuine.
    """

    def __init__(self) -> None:
        super().__init__({("POST", PATH): self.receive}, "localhost", "hooks.example.com")
        self.secrets: list[str] = []
        self.events: dict[str, Any] = {}
        self.deliveries: Counter[str] = Counter()

    @property
    def address(self) -> str:
        return f"{self.url}{PATH}"

    def receive(self, request: Request) -> Reply:
        for secret in self.secrets:
            try:
                event = Webhook(secret).verify(request.body, dict(request.headers))
            except WebhookVerificationError:
                continue
            message_id = request.headers["webhook-id"]
            self.deliveries[message_id] += 1
            self.events.setdefault(message_id, event)
            return Reply(204)
        return Reply.json({"error": "not_genuine"}, 401)
