"""Settings of intake."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from intake.vault.kek import Kek
from shared.kit.setting_values import DatabaseUrl, Origins, SecretKey
from shared.kit.settings import ServiceSettings


def _kek(value: SecretStr) -> SecretStr:
    try:
        Kek.parse(value.get_secret_value())
    except ValueError as error:
        raise PydanticCustomError("key_encryption_key", f"cannot be used: {error}") from None
    return value


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
        drafts_per_address: The same for unfinished forms, of which a person may begin several.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    centres_file: Path | None = None
    keys_database_url: DatabaseUrl
    key_encryption_key: Annotated[SecretStr, AfterValidator(_kek)]
    blind_index_key: SecretKey
    cors_origins: Origins = ""
    signups_per_address: int = Field(default=120, ge=0)
    drafts_per_address: int = Field(default=360, ge=0)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in ``cors_origins``."""
        return tuple(self.cors_origins.split(",")) if self.cors_origins else ()
