"""Gateways that send short messages, behind one interface: today one, by HTTP."""

from dataclasses import dataclass
from typing import Final, Protocol

import httpx

from notify.domain.delivery import Accepted, Outcome, OutcomeUnknown, SmtpRejected, Unreachable
from notify.domain.refusals import About
from shared.kit.logging import get_logger

TIMEOUT_SECONDS: Final = 20.0

log = get_logger(__name__)


@dataclass(frozen=True)
class SmsAnswer:
    """The outcome of handing a message to a gateway, with the id that the gateway gave it."""

    outcome: Outcome
    gateway_id: str | None = None


class SmsGateway(Protocol):
    """Hands messages to phones."""

    async def send(self, number: str, text: str, reference: str) -> SmsAnswer:
        """
        Send one message.

        Args:
            number: In international form, as +4791234567.
            text: What it says.
            reference: The same for each copy of a message, so that the gateway can leave a copy out.
        """
        ...


class HttpGateway:
    """
    A gateway that takes ``{"from", "to", "text", "reference"}`` by POST and answers ``{"id"}``.

    Args:
        url: Where it takes messages.
        token: Signs us in (``Authorization: Bearer``).
        sender: The name or number that the phone shows.
        transport: For tests.
    """

    def __init__(self, url: str, token: str, sender: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._token, self._sender, self._transport = url, token, sender, transport

    async def send(self, number: str, text: str, reference: str) -> SmsAnswer:
        """Send one message; see :class:`SmsGateway`."""
        body = {"from": self._sender, "to": number, "text": text, "reference": reference}
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": reference}
        try:
            async with httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, transport=self._transport
            ) as client:
                answer = await client.post(self._url, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
            return SmsAnswer(Unreachable())
        except (httpx.TransportError, httpx.DecodingError):
            return SmsAnswer(OutcomeUnknown())  # it may have the message
        return SmsAnswer(outcome_of(answer.status_code), _id_in(answer) if answer.is_success else None)


def outcome_of(status_code: int) -> Outcome:
    """Return what a status of HTTP means for a message, in the words of mails."""
    if 200 <= status_code < 300:
        return Accepted()
    if status_code in {400, 404, 410, 422}:
        return SmtpRejected(550, About.MAILBOX)
    if status_code in {401, 402, 403}:
        return SmtpRejected(535, About.SENDER)
    if status_code in {502, 504}:
        return OutcomeUnknown()  # a proxy on the way: what is behind it may have the message
    return SmtpRejected(451)


def _id_in(answer: httpx.Response) -> str | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return str(found["id"])[:100] if isinstance(found, dict) and "id" in found else None
