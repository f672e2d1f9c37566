"""What grouping must be told: nothing but what every service is."""

from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``GROUPING_…``."""

    model_config = SettingsConfigDict(env_prefix="GROUPING_")
