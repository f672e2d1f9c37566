"""TLS to the servers inside: they are believed by the installation's own authority, and refused in plain words."""

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from shared.kit.logging import get_logger

REPORT_AGAIN_SECONDS: Final = 60
_NOT_YET_VALID, _EXPIRED, _OTHER_NAMES = 9, 10, (62, 64)
"""OpenSSL's verify codes: X509_V_ERR_CERT_NOT_YET_VALID, _HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH."""
_NO_TLS: Final = ("rejected SSL upgrade", "WRONG_VERSION_NUMBER", "record layer failure", "no encryption")

_LATE: Final = "APPLICATION_DATA_AFTER_CLOSE_NOTIFY"
"""Something was under way when a connection ended; no fault."""

log = get_logger(__name__)


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for what asyncio says whenever nats-py closes a connection with TLS: it means nothing."""
    return not str(record.msg).startswith("returning true from eof_received()")


logging.getLogger("asyncio").addFilter(_is_news)


class NotBelievedError(ConnectionError):
    """A server did not prove that it is ours; the message is a sentence for people."""


@cache
def believing(authorities: str) -> ssl.SSLContext:
    """
    Return the context of a client that believes only servers with a certificate of these authorities and their name.

    Args:
        authorities: Certificates in PEM.

    Raises:
        ValueError: It holds no certificate, or a broken one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 does by itself
    try:
        context.load_verify_locations(cadata=authorities)
    except (ssl.SSLError, TypeError):  # a letter that is not ASCII is a TypeError
        raise ValueError("no certificate in PEM") from None
    return context


def refusal(server: str, error: BaseException) -> str | None:
    """Return why a server was not believed, as a sentence without its address; None for any other error."""
    for each in _chain(error):
        if isinstance(each, NotBelievedError):
            return str(each)
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"{server} is not believed: {_fault(each)}"
        if any(words in str(each) for words in _NO_TLS):
            return f"{server} is not believed: it does not speak TLS"
        if isinstance(each, ssl.SSLError) and each.reason != _LATE:
            return f"{server} is not believed: TLS failed ({each.reason or type(each).__name__})"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(5):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _fault(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "its certificate has expired; run deploy/secrets.sh and restart it"
    if error.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet; is the clock right?"
    if error.verify_code in _OTHER_NAMES:
        return "its certificate has another name"
    return f"its certificate is not of the authority that is believed ({error.verify_message})"


class Refusals:
    """
    Log why servers are not believed, each reason once a minute: a client tries again every second.

    Args:
        monotonic: A clock in seconds that never goes back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._reported_at: dict[str, float] = {}

    def report(self, sentence: str) -> None:
        """Log a sentence, unless it was logged within the last minute."""
        now = self._monotonic()
        if now - self._reported_at.get(sentence, -REPORT_AGAIN_SECONDS) >= REPORT_AGAIN_SECONDS:
            self._reported_at[sentence] = now
            log.error("server_not_believed", reason=sentence)


REFUSALS: Final = Refusals()
"""Those of this process."""
