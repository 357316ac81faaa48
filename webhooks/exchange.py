"""One exchange with a receiver: a signed request out, and what came of it. Knows no database."""

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core import context
from core.outbound import Answer, AnswerTooLarge, LeftAlone, Unreachable, UrlNotAllowed, call_stranger
from webhooks import signatures
from webhooks.types import Claim, Outcome

TIMEOUT = 15.0  # seconds
BUSY = frozenset({429, 502, 503, 504})  # the answers whose `Retry-After` is honoured
LONGEST_WAIT = 86_400.0  # seconds
EXCERPT = 1000  # characters of an answer
_LONGEST_DATE = 64  # characters; one of HTTP takes 29

logger = logging.getLogger(__name__)


def exchange(claim: Claim) -> Outcome:
    """Send one claim, signed as of now. Never raises for what the receiver does, nor for what we fail at ourselves."""
    began = time.monotonic()
    with context.scope(context.Context(channel=context.Channel(claim.channel), trace_id=claim.trace_id)):
        try:
            return _outcome(_sent(claim), _since(began))
        except LeftAlone as error:
            return Outcome(error="left alone", wait=float(error.retry_after or 1), was_sent=False)
        except UrlNotAllowed:
            return Outcome(error="url_not_allowed: the address does not lead to the public internet")
        except AnswerTooLarge:
            return Outcome(error="the answer is larger than 64 KB, or compressed", latency=_since(began))
        except Unreachable as error:
            return Outcome(error=f"no answer: {type(error.__cause__).__name__}", latency=_since(began))
        except Exception as error:
            logger.exception("Delivery %s could not be sent.", claim.delivery_id)
            return Outcome(error=f"failed: {type(error).__name__}", latency=_since(began))


def _sent(claim: Claim) -> Answer:
    message_id, now = str(claim.event_id), int(time.time())
    keys = [signatures.opened(sealed, endpoint_id=claim.endpoint_id) for sealed in claim.sealed_secrets]
    headers = signatures.headers(keys, message_id=message_id, timestamp=now, body=claim.body)
    return call_stranger("POST", claim.url, peer="webhook", body=claim.body, headers=headers, timeout=TIMEOUT)


def _outcome(answer: Answer, latency: int) -> Outcome:
    text = answer.body.decode(errors="replace").replace("\0", "")[:EXCERPT]
    error = "" if answer.is_success else f"answered {answer.status}"
    wait = retry_after(answer.headers) if answer.status in BUSY else 0.0
    return Outcome(status=answer.status, error=error, latency=latency, response=text, wait=wait)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that a receiver asks for, by number or date (RFC 9110, section 10.2.3); at most a day, as the schedule.

    What is neither asks for nothing.
    """
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given[:9]), LONGEST_WAIT)
    if len(given) > _LONGEST_DATE:
        return 0.0
    try:
        moment = parsedate_to_datetime(given)
        left = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
    except Exception:  # for what strangers write the parser raises OverflowError, too, and promises nothing
        return 0.0
    return min(max(left.total_seconds(), 0.0), LONGEST_WAIT)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
