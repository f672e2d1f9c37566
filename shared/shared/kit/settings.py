"""Settings come from the environment, secrets also from mounted files (``<NAME>_FILE``)."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class _FromFiles(PydanticBaseSettingsSource):
    """Reads ``PREFIX_NAME_FILE``: the way that containers hand over secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        prefix = self.config.get("env_prefix", "")
        path = os.environ.get(f"{prefix}{field_name}_FILE".upper())
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class ServiceSettings(BaseSettings):
    """
    What every service must be told.

    Attributes:
        host, port: Where this service listens.
        database_url: ``postgresql+asyncpg://…``, the service's own database with its own role.
        nats_url: One broker or several, separated by commas.
        nats_replicas: Copies of each stream: 1 on one broker, 3 in a cluster.
        public_url: What people see in front of every link, without a slash at the end.
        link_key: Signs links in mails; the same in all services.
        form_key: Signs the hidden token of forms.
        staff_key: Signs who is signed in, from the gateway to the services.
        trusted_proxies: Addresses whose X-Forwarded-For is believed.
        clock: Nothing for the real time, ``origin|real_origin|speed`` for rehearsal.
        centres_file: The installation's own centres and policies, instead of the presets.
        environment_label: Shown on staff pages where it is not the real thing, as "Øving".
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
    centres_file: Path | None = None
    log_format: Literal["json", "console"] = "json"
    environment_label: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)
