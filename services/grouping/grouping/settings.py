"""Settings of grouping."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.kit.setting_values import RingText
from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """
    Read from ``GROUPING_…``, secrets also from files named by ``GROUPING_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        grouping_key: Signs the forms of this service and seals votes; nobody else has it.
        grouping_notify_key: Signs links and forms of grouping that notify makes too.
    """

    model_config = SettingsConfigDict(env_prefix="GROUPING_")

    centres_file: Path | None = None
    grouping_key: RingText
    grouping_notify_key: RingText
