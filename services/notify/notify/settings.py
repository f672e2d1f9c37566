"""Settings of notify."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from notify.smtp import Security
from shared.kit.settings import ServiceSettings


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
        smtp_data_timeout_seconds: Longest wait for the answer to a whole mail.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    centres_file: Path | None = None
    smtp_host: str
    smtp_port: int = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Security = "starttls"
    mail_from: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    mail_domain: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    mails_per_minute: int = Field(default=0, ge=0)
    smtp_data_timeout_seconds: float = Field(default=120, gt=0)
