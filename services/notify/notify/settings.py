"""Settings of notify."""

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from notify.domain.discretion import is_discreet
from notify.inbound.imap import ImapSecurity
from notify.signing import is_key
from notify.smtp import Security, SmtpTimeouts
from shared.kit import addresses
from shared.kit.addresses import AddressInvalid
from shared.kit.setting_values import Host, Port, RingText, ascii_domain, is_near
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


def _selector(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value, re.IGNORECASE):
        raise PydanticCustomError("selector", "must be one label of a domain name, as s2026")
    return value


def _gateway(value: str) -> str:
    parts = urlsplit(value)
    is_near = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.username or parts.scheme not in ({"https", "http"} if is_near else {"https"}):
        raise PydanticCustomError("gateway", "must be an address that begins with https://")
    return value


def _sms_sender(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9 ]{1,11}|\+?[0-9]{3,15}", value) or not is_discreet(value):
        raise PydanticCustomError(
            "sms_sender", "must be a number, or up to eleven letters and digits that say nothing of the matter"
        )
    return value


_Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(ServiceSettings):
    """
    Read from ``NOTIFY_…``, secrets also from files named by ``NOTIFY_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        notify_key: Signs the links, forms and tagged addresses of this service; nobody else has it.
        intake_notify_key, grouping_notify_key: Sign links and forms of the other services that notify makes too.
        smtp_host, smtp_port: Mail server that relays our mails.
        smtp_security: "starttls" or "tls"; "none" only for a mail server on this very machine or network.
        smtp_username, smtp_password: For a server that asks who sends; both or neither.
        mail_from: Address of the sender.
        mail_domain: Domain of Message-IDs and of the UIDs of calendar entries; it never changes.
        mails_per_minute: Most mails that the mail server accepts in a minute; zero for no limit.
        mails_per_hour: Most mails that it accepts in any hour, from all mailers together; zero for no limit.
        return_path_domain: Domain of the inbound mailbox, which takes reports about mails that were not delivered;
            None where there is none, and they go to ``mail_from``.
        lmtp_host, lmtp_port: Where the inbound mailbox listens for the mail server of that domain.
        imap_host, imap_port, imap_security: Where it is read instead, if a provider keeps it; "none" only for a server
            on this very machine or network.
        imap_username, imap_password, imap_folder: Account and folder of that mailbox.
        sms_url, sms_token, sms_from: Where a gateway takes short messages by HTTP, what signs us in there, and the name
            or number that a phone shows; none of them where no short messages are sent. Which centres send any is in
            their policies.
        dkim_selector, dkim_key: Name and RSA key (PEM) of the signature for the domain of ``mail_from``, where the mail
            server does not sign itself.
        smtp_connect_timeout_seconds, smtp_greeting_timeout_seconds, smtp_command_timeout_seconds,
            smtp_data_timeout_seconds: Longest waits for the connection, the server's first line, the reply to a command
            and the reply to a whole mail; the defaults are those of RFC 5321, 4.5.3.2.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    centres_file: Path | None = None
    notify_key: RingText
    intake_notify_key: RingText
    grouping_notify_key: RingText
    smtp_host: Host
    smtp_port: Port = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = Field(default=None, validate_default=True)
    smtp_security: Security = Field(default="starttls", validate_default=True)
    mail_from: Annotated[str, AfterValidator(_sender)]
    mail_domain: Annotated[str, AfterValidator(_domain)]
    mails_per_minute: int = Field(default=0, ge=0)
    mails_per_hour: int = Field(default=0, ge=0)
    return_path_domain: Annotated[str, AfterValidator(_domain)] | None = None
    lmtp_host: Host = "127.0.0.1"
    lmtp_port: Port = 8024
    imap_host: Host | None = None
    imap_port: Port = 993
    imap_security: ImapSecurity = "tls"
    imap_username: str | None = Field(default=None, validate_default=True)
    imap_password: SecretStr | None = Field(default=None, validate_default=True)
    imap_folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] = "INBOX"
    sms_url: Annotated[str, AfterValidator(_gateway)] | None = None
    sms_token: SecretStr | None = Field(default=None, validate_default=True)
    sms_from: Annotated[str, AfterValidator(_sms_sender)] | None = Field(default=None, validate_default=True)
    dkim_selector: Annotated[str, AfterValidator(_selector)] | None = None
    dkim_key: SecretStr | None = Field(default=None, validate_default=True)
    smtp_connect_timeout_seconds: _Seconds = SmtpTimeouts.connect
    smtp_greeting_timeout_seconds: _Seconds = SmtpTimeouts.greeting
    smtp_command_timeout_seconds: _Seconds = SmtpTimeouts.command
    smtp_data_timeout_seconds: _Seconds = SmtpTimeouts.data

    @field_validator(
        *("smtp_username", "smtp_password", "return_path_domain", "dkim_selector", "dkim_key"),
        *("imap_host", "imap_username", "imap_password"),
        *("sms_url", "sms_token", "sms_from"),
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: str | SecretStr | None) -> str | SecretStr | None:
        return value or None

    @field_validator("imap_host")
    @classmethod
    def _require_domain(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("return_path_domain") is None:
            raise PydanticCustomError("domain", "needs NOTIFY_RETURN_PATH_DOMAIN too")
        return value

    @field_validator("smtp_password", "dkim_key", "imap_username", "imap_password", "sms_token", "sms_from")
    @classmethod
    def _require_both(cls, value: str | SecretStr | None, info: ValidationInfo) -> str | SecretStr | None:
        """Refuse half of a pair: a username without its password, a name without its key."""
        other = _PARTNERS[info.field_name or ""]
        if other in info.data and (info.data[other] is None) != (value is None):
            message = "and NOTIFY_{other} must be given together, or neither"
            raise PydanticCustomError("both", message, {"other": other.upper()})
        return value

    @field_validator("smtp_security")
    @classmethod
    def _require_safe_connection(cls, value: Security, info: ValidationInfo) -> Security:
        """Refuse people and passwords in the clear beyond the own network, and ports where servers speak otherwise."""
        host, port = info.data.get("smtp_host"), info.data.get("smtp_port")
        if value == "none" and host is not None and not is_near(host):
            what = "the password" if info.data.get("smtp_password") is not None else "names and addresses of people"
            message = 'must be "starttls" or "tls": {what} would cross the network unencrypted to NOTIFY_SMTP_HOST'
            raise PydanticCustomError("clear", message, {"what": what})
        if port == _TLS_PORT and value != "tls":
            raise PydanticCustomError("tls_port", 'must be "tls" with NOTIFY_SMTP_PORT 465, where servers expect TLS')
        if port in _PLAIN_PORTS and value == "tls":
            message = 'must be "starttls" with NOTIFY_SMTP_PORT {port}, where servers begin without TLS'
            raise PydanticCustomError("plain_port", message, {"port": port})
        return value

    @field_validator("dkim_key")
    @classmethod
    def _require_rsa_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_key(value.get_secret_value().encode()):
            raise PydanticCustomError("key", "must be an RSA key of at least 1024 bits in PEM")
        return value


_TLS_PORT: Final = 465
_PLAIN_PORTS: Final = frozenset({25, 587})
"""Ports of submission with TLS from the first byte, and with STARTTLS (RFC 8314, 3)."""

_PARTNERS: Final = {
    "smtp_password": "smtp_username",
    "dkim_key": "dkim_selector",
    "imap_username": "imap_host",
    "imap_password": "imap_username",
    "sms_token": "sms_url",
    "sms_from": "sms_token",
}
"""The setting without which another is of no use."""
