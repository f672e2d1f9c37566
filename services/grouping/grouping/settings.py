"""Settings of grouping."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """
    Read from ``GROUPING_…``, secrets also from files named by ``GROUPING_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
    """

    model_config = SettingsConfigDict(env_prefix="GROUPING_")

    centres_file: Path | None = None
