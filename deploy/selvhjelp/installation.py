"""Find an installation and read its settings, without starting anything."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from pydantic import SecretStr, TypeAdapter, ValidationError

from selvhjelp.console import CommandError
from shared.errors import SettingError
from shared.events.broker_access import OPERATOR
from shared.kit.messaging.identities import Identity
from shared.kit.setting_values import Authority, DatabaseUrl, NatsSeed, NatsUrl
from shared.kit.settings import ServiceSettings, read_value_file, setting_clause, setting_faults

SERVICES: Final = ("intake", "grouping", "notify")
DATABASES: Final = {
    "intake": "INTAKE_DATABASE_URL",
    "intake_keys": "INTAKE_KEYS_DATABASE_URL",
    "grouping": "GROUPING_DATABASE_URL",
    "notify": "NOTIFY_DATABASE_URL",
}
"""Each database with the setting that holds its address."""

OPERATOR_SEED: Final = f"{OPERATOR}_NATS_SEED".upper()
"""The setting that holds the identity of `selvhjelp migrate` at the broker."""

OPERATOR_AUTHORITY: Final = f"{OPERATOR}_NATS_AUTHORITY".upper()
"""The setting that holds the authority whose broker it believes."""

STREAM_REPLICAS: Final = "STREAM_REPLICAS"
"""The setting with the number of nodes that hold each stream."""

DEFAULT_DIRECTORY: Final = Path("var/selvhjelp")

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="The directory of a `selvhjelp up`. Without it the environment decides (INTAKE_DATABASE_URL or "
        f"INTAKE_DATABASE_URL_FILE and so on, as the services have them), else {DEFAULT_DIRECTORY}.",
    ),
]


@dataclass(frozen=True)
class Installation:
    """
    One installation.

    Attributes:
        environment: The settings as the services have them in their environment.
        directory: The data directory of a local installation; None if the environment names the servers.
    """

    environment: Mapping[str, str]
    directory: Path | None = None

    def value(self, name: str) -> str | None:
        """Return a setting, or the content of the file that ``<NAME>_FILE`` names; None if neither is set."""
        if self.environment.get(name):
            return self.environment[name]
        path = self.environment.get(f"{name}_FILE")
        if not path:
            return self.environment.get(name)
        try:
            return read_value_file(f"{name}_FILE", Path(path))
        except SettingError as error:
            raise CommandError(str(error)) from None

    def secret(self, name: str) -> SecretStr:
        """
        Return a setting that is required.

        Raises:
            CommandError: It is missing or empty.
        """
        value = self.value(name)
        if not value:
            raise CommandError(f"{name} is missing; set it, or {name}_FILE")
        return SecretStr(value)

    def database_url(self, database: str) -> SecretStr:
        """Return the ``postgresql+asyncpg://…`` of one of :data:`DATABASES`."""
        url: SecretStr = _checked(DATABASES[database], DatabaseUrl, self.secret(DATABASES[database]))
        return url

    @cached_property
    def nats_url(self) -> str:
        """The address of the broker, or several separated by commas; all services share it."""
        values = (self.value(f"{service.upper()}_NATS_URL") for service in SERVICES)
        urls = {url for url in values if url}
        if len(urls) > 1:
            raise CommandError("the services have different NATS_URL; give all of them the same")
        url = urls.pop() if urls else str(ServiceSettings.model_fields["nats_url"].default)
        return str(_checked("NATS_URL", NatsUrl, url))

    @property
    def operator(self) -> Identity:
        """The identity at the broker that makes streams and consumers, and reads their state."""
        seed = _checked(OPERATOR_SEED, NatsSeed, self.secret(OPERATOR_SEED))
        return Identity(OPERATOR, seed, _checked(OPERATOR_AUTHORITY, Authority, self.value(OPERATOR_AUTHORITY) or ""))

    @property
    def stream_replicas(self) -> int:
        """Copies of each stream: 1 on one broker, 3 in a cluster. Only `migrate` changes them."""
        return int(_checked(STREAM_REPLICAS, Literal["1", "3", "5"], self.value(STREAM_REPLICAS) or "1"))

    def settings(self, service: str) -> ServiceSettings:
        """
        Return a service's settings, read as the service itself reads them.

        Raises:
            CommandError: A setting is missing or wrong; the message has its name and never its value.
        """
        settings_class: type[ServiceSettings] = import_module(f"{service}.settings").Settings
        with _environment(self.environment):
            try:
                return settings_class()
            except SettingError as error:
                raise CommandError("; ".join(str(error).splitlines())) from None
            except ValidationError as error:
                raise CommandError("; ".join(setting_faults(service, error))) from None
            except OSError as error:
                raise CommandError(f"cannot read {error.filename} ({error.strerror})") from None


def _checked(name: str, kind: Any, value: Any) -> Any:
    """Return a setting after the check that the services make; the error has its name and never its value."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        (fault,) = error.errors(include_url=False, include_input=False, include_context=False)
        raise CommandError(f"{name} {setting_clause(fault['msg'])}") from None


def find(data: Path | None, environment: Mapping[str, str] = os.environ) -> Installation:
    """
    Return the installation in a directory if one is named, else in the environment, else in the default directory.

    Raises:
        CommandError: No installation is there.
    """
    named = (*DATABASES.values(), OPERATOR_SEED)
    if data is None and any(name in environment or f"{name}_FILE" in environment for name in named):
        return Installation(dict(environment))
    directory = (data or DEFAULT_DIRECTORY).absolute()
    settings = state(directory).get("settings")
    if not settings:
        raise CommandError(
            f"there is no installation in {directory}; start one with `selvhjelp up`, choose another directory with "
            "--data, or set INTAKE_DATABASE_URL and the others"
        )
    own = {name: value for part in (*SERVICES, OPERATOR) for name, value in settings.get(part, {}).items()}
    return Installation(own, directory)


def state(directory: Path) -> dict[str, Any]:
    """Return the state that `selvhjelp up` keeps in its data directory; empty if it never ran there."""
    try:
        stored: dict[str, Any] = json.loads((directory / "state.json").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot read {directory / 'state.json'} ({type(error).__name__})") from None
    return stored


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Replace the environment of this process for a moment, because settings are read from it."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(values)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
