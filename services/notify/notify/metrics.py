"""The counters of the mailer, for ``/metrics``."""

from typing import Final

from prometheus_client import Counter, Gauge

from notify.domain.delivery import Accepted, Outcome, SmtpRejected, Unreachable

ATTEMPTS: Final = Counter("selvhjelp_mail_attempts", "Attempts to hand a mail to the mail server", ["outcome"])
SERVER_UP: Final = Gauge("selvhjelp_mail_server_up", "1 unless the last attempt could not reach the mail server")
FAILURES: Final = Gauge("selvhjelp_mail_failures_in_a_row", "Attempts since the mail server last took a mail")
PAUSE: Final = Gauge("selvhjelp_mail_pause_seconds", "Pause before the next attempt; 0 while mails flow")

SERVER_UP.set(1)


def record(outcome: Outcome, failures: int, pause_seconds: float) -> None:
    """Count an attempt, and note the state of the mail server."""
    ATTEMPTS.labels(word(outcome)).inc()
    SERVER_UP.set(not isinstance(outcome, Unreachable))
    FAILURES.set(failures)
    PAUSE.set(pause_seconds)


def word(outcome: Outcome) -> str:
    """Return the outcome of an attempt in one word."""
    match outcome:
        case Accepted():
            return "accepted"
        case SmtpRejected():
            return "rejected" if outcome.code >= 500 else "put_off"
        case Unreachable():
            return "unreachable"
        case _:
            return "unknown"
