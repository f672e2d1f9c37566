"""Settings of notify."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from notify.domain.addresses import is_one_address
from notify.smtp import Security
from shared.kit.settings import ServiceSettings, ascii_domain


def _sender(value: str) -> str:
    name, _, domain = value.rpartition("@")
    try:
        if is_one_address(value) and name.isascii():
            return f"{name}@{ascii_domain(domain)}"
    except ValueError:
        pass
    raise PydanticCustomError("sender", "must be one bare address, as post@example.org")


def _domain(value: str) -> str:
    try:
        return ascii_domain(value)
    except ValueError:
        raise PydanticCustomError("domain", "must be a domain, as example.org") from None


class Settings(ServiceSettings):
    """
    Read from ``NOTIFY_…``, secrets also from files named by ``NOTIFY_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        smtp_host, smtp_port: Mail server that relays our mails.
        smtp_security: "starttls" or "tls"; "none" only for a mail server on this very machine or network.
        mail_from: Address of the sender.
        mail_domain: Domain of Message-IDs and of the UIDs of calendar entries; it never changes.
        mails_per_minute: Most mails that the mail server accepts in a minute; zero for no limit.
        smtp_connect_timeout_seconds, smtp_greeting_timeout_seconds, smtp_command_timeout_seconds,
            smtp_data_timeout_seconds: Longest waits for the connection, the server's first line, the reply to a command
            and the reply to a whole mail; the defaults are those of RFC 5321, 4.5.3.2.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    centres_file: Path | None = None
    smtp_host: str = Field(pattern=r"^[A-Za-z0-9._:-]+$")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Security = "starttls"
    mail_from: Annotated[str, AfterValidator(_sender)]
    mail_domain: Annotated[str, AfterValidator(_domain)]
    mails_per_minute: int = Field(default=0, ge=0)
    smtp_connect_timeout_seconds: float = Field(default=30, gt=0)
    smtp_greeting_timeout_seconds: float = Field(default=300, gt=0)
    smtp_command_timeout_seconds: float = Field(default=300, gt=0)
    smtp_data_timeout_seconds: float = Field(default=600, gt=0)
