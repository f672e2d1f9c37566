"""Settings of intake."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """
    Read from ``INTAKE_…``, secrets also from files named by ``INTAKE_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        keys_database_url: The key database, with a role of its own.
        key_encryption_key: 32 bytes in base64 that wrap the person keys; ``new:…,old:…`` while one replaces another.
        blind_index_key: The key of the blind indexes.
        cors_origins: Origins of pages that may post sign-ups from a browser, separated by commas.
        signups_per_address: Maximum sign-ups of one network address in ten minutes; 0 for any number. Requests from
            this machine are not counted.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    centres_file: Path | None = None
    keys_database_url: SecretStr
    key_encryption_key: SecretStr
    blind_index_key: SecretStr = Field(min_length=32)
    cors_origins: str = ""
    signups_per_address: int = Field(default=120, ge=0)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in ``cors_origins``."""
        return tuple(origin for origin in self.cors_origins.replace(",", " ").split() if origin)
