"""Check for stuck mails, and that the mail server answers; sends nothing."""

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from shared.kit.clock import clock_from
from shared.kit.database.connect import connect

PART: Final = "mail"
SMTP_SECONDS: Final = 5
STUCK: Final = timedelta(minutes=15)
"""In real time; longer than any SMTP session."""

NEAR: Final = ("localhost", "127.0.0.1", "::1")


async def check(installation: Installation) -> list[Finding]:
    """Check the mail queue and the server."""
    return [*await _queue(installation), *await asyncio.to_thread(lambda: list(_server(installation)))]


async def _queue(installation: Installation) -> list[Finding]:
    clock = clock_from(installation.value("NOTIFY_CLOCK"))
    url = make_url(installation.database_url("notify").get_secret_value()).set(drivername="postgresql")
    try:
        connection = await connect(url.render_as_string(hide_password=False), timeout=SMTP_SECONDS)
        try:
            rows = await connection.fetch("SELECT status, count(*) FROM mails GROUP BY status")
            stuck = await connection.fetchval(
                "SELECT count(*) FROM mails WHERE status = 'sending' AND sending_since < $1",
                clock.now() - STUCK * clock.speed,
            )
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return []  # reported by the check of the databases
    counts = {row["status"]: row["count"] for row in rows}
    findings = []
    if stuck:
        findings.append(broken(PART, f"mails stuck while they were sent: {stuck}", "restart notify"))
    if counts.get("failed"):
        findings.append(warning(PART, f"mails that were refused: {counts['failed']}", "/stab/post shows why"))
    if counts.get("unknown"):
        what = f"mails that perhaps did not arrive: {counts['unknown']}"
        findings.append(warning(PART, what, "see them at /stab/post; phone if it is urgent"))
    if counts.get("call"):
        findings.append(warning(PART, f"messages to give by phone: {counts['call']}", "see them at /stab/post"))
    return findings or [ok(PART, f"mails sent: {counts.get('sent', 0)}; none is stuck")]


def _server(installation: Installation) -> Iterator[Finding]:
    try:
        host = installation.secret("NOTIFY_SMTP_HOST").get_secret_value()
        port = int(installation.value("NOTIFY_SMTP_PORT") or 587)
    except (CommandError, ValueError):
        return  # reported by the check of the settings
    security = installation.value("NOTIFY_SMTP_SECURITY") or "starttls"
    if security == "none" and host not in NEAR:
        remedy = "use starttls or tls, unless the server is on the same machine or a closed network"
        yield warning(PART, "mail goes to the mail server without encryption", remedy)
    try:
        with closing(_session(host, port, security)) as server:
            offered = server.has_extn("starttls")
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        yield broken(
            PART,
            f"the mail server does not offer {security} ({type(error).__name__})",
            "check its port and certificate",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield broken(
            PART,
            f"the mail server does not answer ({type(error).__name__})",
            "check its host and port; mails wait until it does",
        )
    else:
        yield ok(PART, f"the mail server answers ({security})")
        if security == "none" and offered and host not in NEAR:
            yield warning(PART, "the mail server can encrypt", "set NOTIFY_SMTP_SECURITY to starttls")


def _session(host: str, port: int, security: str) -> smtplib.SMTP:
    """Open an SMTP session as the mailer does, with the same encryption, and send nothing."""
    context = ssl.create_default_context()
    if security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    try:
        server.ehlo()
        if security == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server
