"""Check of the settings by what uses them: one mail of each centre is made before the service starts."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.domain.planning import message_id
from notify.mime import build_message
from notify.rendering import Renderer
from shared.errors import SettingError
from shared.kit.setting_values import ascii_domain
from shared.kit.sockets import cannot_listen
from shared.reference.centres import Centres

KIND: Final = "address_to_confirm"
"""The mail that is made: the first one that a person gets, with a link."""

_ID: Final = UUID(int=0)
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)


def check_inbound(host: str, port: int) -> None:
    """
    Check that the inbound mailbox can listen.

    Raises:
        SettingError: It cannot; the message says why.
    """
    if fault := cannot_listen(host, port):
        raise SettingError(fault, setting="lmtp_port")


def check_first_mails(renderer: Renderer, centres: Centres, mail_from: str, mail_domain: str) -> None:
    """
    Make one mail of each centre, as it would be sent.

    Raises:
        SettingError: A mail cannot be made; the message names the centre.
    """
    for centre in centres.all:
        content = MailContent(
            kind=KIND,
            language="nb",
            centre=centre,
            signup_id=_ID,
            cause_id=_ID,
            stamp=_MOMENT,
            expires_at=_MOMENT,
        )
        try:
            if centre.email is not None:
                ascii_domain(centre.email.rpartition("@")[2])
            build_message(
                renderer.render(content),
                sender=mail_from,
                recipient="kari@example.org",
                reply_to=centre.email,
                language="nb",
                message_id=message_id(_ID, mail_domain),
                now=_MOMENT,
            )
        except ValueError as error:
            msg = f"no mail can be made for the centre {centre.id}: check its e-mail address and name ({error})"
            raise SettingError(msg, setting="centres_file") from None
