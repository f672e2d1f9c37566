"""Settings of notify."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from notify.smtp import Security
from shared.kit import addresses
from shared.kit.addresses import AddressInvalid
from shared.kit.setting_values import Host, Port, ascii_domain
from shared.kit.settings import ServiceSettings


def _sender(value: str) -> str:
    try:
        return addresses.sender(value)
    except AddressInvalid:
        raise PydanticCustomError("sender", "must be one bare address, as post@example.org") from None


def _domain(value: str) -> str:
    try:
        return ascii_domain(value)
    except ValueError:
        raise PydanticCustomError("domain", "must be a domain, as example.org") from None


_Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(ServiceSettings):
    """
    Read from ``NOTIFY_…``, secrets also from files named by ``NOTIFY_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        smtp_host, smtp_port: Mail server that relays our mails.
        smtp_security: "starttls" or "tls"; "none" only for a mail server on this very machine or network.
        smtp_username, smtp_password: For a server that asks who sends; both or neither.
        mail_from: Address of the sender.
        mail_domain: Domain of Message-IDs and of the UIDs of calendar entries; it never changes.
        mails_per_minute: Most mails that the mail server accepts in a minute; zero for no limit.
        smtp_connect_timeout_seconds, smtp_greeting_timeout_seconds, smtp_command_timeout_seconds,
            smtp_data_timeout_seconds: Longest waits for the connection, the server's first line, the reply to a command
            and the reply to a whole mail; the defaults are those of RFC 5321, 4.5.3.2.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    centres_file: Path | None = None
    smtp_host: Host
    smtp_port: Port = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = Field(default=None, validate_default=True)
    smtp_security: Security = "starttls"
    mail_from: Annotated[str, AfterValidator(_sender)]
    mail_domain: Annotated[str, AfterValidator(_domain)]
    mails_per_minute: int = Field(default=0, ge=0)
    smtp_connect_timeout_seconds: _Seconds = 30
    smtp_greeting_timeout_seconds: _Seconds = 300
    smtp_command_timeout_seconds: _Seconds = 300
    smtp_data_timeout_seconds: _Seconds = 600

    @field_validator("smtp_username", "smtp_password")
    @classmethod
    def _empty_is_none(cls, value: str | SecretStr | None) -> str | SecretStr | None:
        return value or None

    @field_validator("smtp_password")
    @classmethod
    def _require_both(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """Refuse a username without a password, and a password without a username: nobody could sign in."""
        if "smtp_username" in info.data and (info.data["smtp_username"] is None) != (value is None):
            raise PydanticCustomError("both", "and NOTIFY_SMTP_USERNAME must be given together, or neither")
        return value
