"""Settings from the environment, secrets also from mounted files (``<NAME>_FILE``)."""

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, PrivateAttr, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import SettingError
from shared.kit.database.engine import CONNECTIONS
from shared.kit.database.passwords import Passwords
from shared.kit.keys import Live, Ring
from shared.kit.logging import LogLevel
from shared.kit.setting_values import (
    Authority,
    CertificateFile,
    ClockSpec,
    CollectorUrl,
    DatabaseUrl,
    Host,
    NatsSeed,
    NatsUrl,
    Port,
    PrivateKeyFile,
    Proxies,
    PublicUrl,
    RingText,
    StaffKeys,
)

T = TypeVar("T")
L = TypeVar("L", Ring, Passwords)


def read_value_file(name: str, path: Path) -> str:
    """
    Return the value in the file of a ``<NAME>_FILE`` setting, without a byte order mark and surrounding white space.

    Raises:
        SettingError: The file cannot be read, is not UTF-8, or holds a sign that nobody sees.
    """
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        msg = f"{name}: cannot read {path} ({error.strerror})"
        raise SettingError(msg) from None
    except UnicodeDecodeError:
        msg = f"{name}: {path} is not UTF-8 text; save it as UTF-8"
        raise SettingError(msg) from None
    if any(unicodedata.category(char) in {"Cc", "Cf"} and char not in "\r\n\t" for char in text):
        msg = f"{name}: {path} holds a sign that cannot be part of a setting; save it as plain UTF-8 text"
        raise SettingError(msg)
    return text


def setting_faults(service: str, error: ValidationError) -> Iterator[str]:
    """Yield one clause for each wrong setting of a service: its name, and what is wrong without the value."""
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        setting = f"{service}_{item['loc'][0]}".upper()
        yield f"{setting} is missing" if item["type"] == "missing" else f"{setting} {setting_clause(item['msg'])}"


def setting_clause(message: str) -> str:
    """Return a message of Pydantic as the second half of a sentence that begins with the setting."""
    for opening, shorter in (("Input should", "should"), ("Value error, ", ""), ("String should", "should")):
        message = message.replace(opening, shorter)
    return message


class _FromFiles(PydanticBaseSettingsSource):
    """Reads the file that ``PREFIX_NAME_FILE`` names: containers get their secrets so."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - part of the interface
        prefix = self.config.get("env_prefix", "")
        name = f"{prefix}{field_name}_FILE".upper()
        path = os.environ.get(name)
        # An empty file is no value: an installation without a mail password has one.
        return ((read_value_file(name, Path(path)) or None) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class ServiceSettings(BaseSettings):
    """
    The settings that every service has.

    Attributes:
        host, port: The address that this service listens on.
        database_url: ``postgresql+asyncpg://…``, the service's own database with its own role.
        database_connections: The most connections to a database; each copy of the service has as many.
        nats_url: One broker or several, separated by commas.
        nats_seed: The service's own identity at the broker: the seed of an nkey, ``SU…``.
        nats_authority: Certificates in PEM of the authority whose broker is believed, over TLS; empty for one without.
        public_url: Scheme and host of every link, as ``https://example.org``.
        common_key: Signs the links and forms that all services make; the same in all of them.
        staff_keys: Verify who is signed in, as intake asserts it: public Ed25519 keys in PEM.
        tls_certificate_file, tls_key_file: Its certificate and key in PEM; without them it serves HTTP in clear.
        trusted_proxies: Addresses and networks whose X-Forwarded-For is believed, separated by commas; * for all.
        clock: None for the real time, ``origin|real_origin|speed`` for rehearsal.
        log_level: The least important lines of the log that are written.
        otlp_endpoint: A collector of traces (OTLP over HTTP), as ``http://collector:4318``; empty for no traces.
        environment_label: Shown on staff pages of an installation that is not in production, as "Øving".
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    host: Host = "127.0.0.1"
    port: Port = 8000
    database_url: DatabaseUrl
    database_connections: int = Field(default=CONNECTIONS, ge=4, le=500)
    nats_url: NatsUrl = "nats://127.0.0.1:4222"
    nats_seed: NatsSeed
    nats_authority: Authority = ""
    public_url: PublicUrl = "http://localhost:8080"
    common_key: RingText
    staff_keys: StaffKeys
    tls_certificate_file: CertificateFile | None = None
    tls_key_file: PrivateKeyFile | None = None
    trusted_proxies: Proxies = "127.0.0.1"
    clock: ClockSpec = None
    log_format: Literal["json", "console"] = "json"
    log_level: LogLevel = "INFO"
    otlp_endpoint: CollectorUrl = ""
    environment_label: str = ""

    _live: dict[str, Live[Any]] = PrivateAttr(default_factory=dict)
    _told: dict[str, int] = PrivateAttr(default_factory=dict)

    def live(self, name: str, parse: Callable[[str], T]) -> Live[T]:
        """Return what a setting holds, read anew when its mounted file changes; the same object each time."""
        if name not in self._live:
            self._live[name] = Live(name, self._text(name), parse, self._file(name))
        return self._live[name]

    def ring(self, name: str) -> Ring:
        """Return the ring in a setting, read anew when its mounted file changes; the same object each time."""
        return self._kept(name, Ring)

    def passwords(self, name: str) -> Passwords:
        """Return the passwords in the address of a database, read anew when its mounted file changes."""
        return self._kept(name, Passwords)

    def _kept(self, name: str, kind: type[L]) -> L:
        value = self._live.get(name)
        if value is None:
            value = self._live[name] = kind(name, self._text(name), self._file(name))
        assert isinstance(value, kind)
        return value

    def held(self, rings: Mapping[str, str]) -> Mapping[str, Ring]:
        """Return those of some rings, by purpose, that this service holds."""
        return {purpose: self.ring(name) for purpose, name in rings.items() if name in type(self).model_fields}

    def refresh_keys(self) -> None:
        """Read anew every key whose mounted file has changed."""
        for value in list(self._live.values()):
            value.refresh()

    def keys_taken_up(self) -> list[str]:
        """Return the settings of which another value was read since the last call."""
        news = [name for name, value in self._live.items() if value.changes > self._told.get(name, 0)]
        self._told = {name: value.changes for name, value in self._live.items()}
        return news

    def _text(self, name: str) -> str:
        value = getattr(self, name)
        return str(value.get_secret_value() if isinstance(value, SecretStr) else value)

    def _file(self, name: str) -> Path | None:
        """Return the mounted file that a setting was read from; None for one that was given otherwise."""
        variable = f"{self.model_config.get('env_prefix', '')}{name}".upper()
        path = os.environ.get(f"{variable}_FILE")
        if path is None or variable in os.environ:
            return None
        try:
            return Path(path) if read_value_file(variable, Path(path)) == self._text(name) else None
        except SettingError:
            return None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - part of the interface
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - part of the interface
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)
