"""Build the MIME message of a rendered mail, safe from header injection and for one recipient only."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from notify.calendar import attach
from notify.headers import mailbox, message_policy
from notify.rendering import Rendered
from shared.kit.addresses import to_ascii


def build_message(
    rendered: Rendered,
    *,
    sender: str,
    recipient: str,
    reply_to: str | None,
    language: str,
    message_id: str,
    now: datetime,
) -> bytes:
    """
    Return the mail as it is sent.

    Args:
        rendered: Subject, texts and calendar file.
        sender: A bare address.
        recipient: A bare address, the only recipient.
        reply_to: A bare address; None leaves the header out.
        language: Language of the whole mail.
        message_id: The same in every copy of the mail.
        now: Time in the Date header.

    Raises:
        ValueError: An address is not one address.
    """
    recipient = to_ascii(recipient, smtputf8=True)
    mail = EmailMessage(policy=message_policy(utf8=not recipient.isascii()))
    mail["From"] = mailbox(rendered.sender_name, to_ascii(sender, smtputf8=True))
    mail["To"] = recipient
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    if reply_to:
        mail["Reply-To"] = to_ascii(reply_to, smtputf8=True)
    mail["Auto-Submitted"] = "auto-generated"
    if rendered.leave_url and rendered.leave_url.startswith("https://"):
        mail["List-Unsubscribe"] = f"<{rendered.leave_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    if rendered.calendar:
        attach(mail, rendered.calendar.file, rendered.calendar.method, rendered.calendar.filename)
    mail["Content-Language"] = language  # last: adding a part moves all Content-… headers into it
    return mail.as_bytes()
