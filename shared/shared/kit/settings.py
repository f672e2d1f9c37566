"""Settings from the environment, secrets also from mounted files (``<NAME>_FILE``)."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class _FromFiles(PydanticBaseSettingsSource):
    """Reads the file that ``PREFIX_NAME_FILE`` names: containers get their secrets so."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - part of the interface
        prefix = self.config.get("env_prefix", "")
        path = os.environ.get(f"{prefix}{field_name}_FILE".upper())
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class ServiceSettings(BaseSettings):
    """
    The settings that every service has.

    Attributes:
        host, port: The address that this service listens on.
        database_url: ``postgresql+asyncpg://…``, the service's own database with its own role.
        nats_url: One broker or several, separated by commas.
        nats_replicas: Copies of each stream: 1 on one broker, 3 in a cluster.
        public_url: Scheme and host of every link, without a slash at the end.
        link_key: Signs links in mails; the same in all services.
        form_key: Signs the hidden token of forms.
        staff_key: Signs the assertion of the signed-in member, from the gateway to the services.
        trusted_proxies: Addresses whose X-Forwarded-For is believed.
        clock: None for the real time, ``origin|real_origin|speed`` for rehearsal.
        environment_label: Shown on staff pages of an installation that is not in production, as "Øving".
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = 8000
    database_url: SecretStr
    nats_url: str = "nats://127.0.0.1:4222"
    nats_replicas: int = Field(default=1, ge=1, le=5)
    public_url: str = "http://localhost:8080"
    link_key: SecretStr = Field(min_length=32)
    form_key: SecretStr = Field(min_length=32)
    staff_key: SecretStr = Field(min_length=32)
    trusted_proxies: str = "127.0.0.1"
    clock: str | None = None
    log_format: Literal["json", "console"] = "json"
    environment_label: str = ""

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
