"""Check settings, secrets, the clock, the public address and the file of centres."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from intake.settings import Settings as IntakeSettings
from intake.vault.kek import Kek
from selvhjelp.console import CommandError
from selvhjelp.installation import SERVICES, Installation
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from shared.events.broker_access import OPERATOR
from shared.kit.clock import clock_from
from shared.kit.settings import ServiceSettings
from shared.reference import centres, helplines, ways_on
from shared.reference.installation import InstallationError
from shared.reference.key_rings import RINGS

PART: Final = "settings"
SAME: Final = ("STAFF_KEYS", "PUBLIC_URL", "CLOCK", "CENTRES_FILE", "ENVIRONMENT_LABEL")
"""Settings that must be equal in all services: links, sign-in, time and centres depend on them."""

SHARED: Final = {name.upper(): sorted(holders) for name, holders in RINGS.items() if len(holders) > 1}
"""Keys that some services share, with those services."""

KEYS: Final = (
    *(f"INTAKE_{name}" for name in ("KEY_ENCRYPTION_KEY", "BLIND_INDEX_KEY")),
    *(f"{min(holders)}_{name}".upper() for name, holders in RINGS.items()),
)
MOUNTED: Final = Path("/run/secrets")
"""Secrets mounted into a container; the mount protects them, and their file mode means nothing."""

VERIFIED_DAYS: Final = 365
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


async def check(installation: Installation) -> list[Finding]:
    """Check the settings of all services; reads files only."""
    findings: list[Finding] = []
    read: list[ServiceSettings] = []
    for service in SERVICES:
        try:
            read.append(installation.settings(service))
        except CommandError as error:
            findings.append(
                broken(PART, f"{service} cannot start: {error}", "correct it in the environment of the service")
            )
    findings += _keys(installation)
    findings += _same(installation)
    findings += _identities(installation)
    findings += _files(installation)
    if read:
        findings += _production(read[0])
        findings += [finding for each in read if isinstance(each, IntakeSettings) for finding in _second_factor(each)]
        file = installation.value("INTAKE_CENTRES_FILE")
        findings += _centres(Path(file) if file else None, real=not read[0].environment_label)
    return (
        findings
        if any(finding.level == "broken" for finding in findings)
        else [ok(PART, "the three services can read theirs"), *findings]
    )


def _keys(installation: Installation) -> Iterator[Finding]:
    try:
        Kek.parse(installation.secret("INTAKE_KEY_ENCRYPTION_KEY").get_secret_value())
    except ValueError:
        yield broken(
            PART,
            "INTAKE_KEY_ENCRYPTION_KEY is not 32 bytes in base64",
            "for a new installation, make one with `head -c 32 /dev/urandom | base64`; otherwise restore the old one",
        )
    except CommandError:
        pass  # reported with the other missing settings
    values: dict[str, str] = {}
    for name in KEYS:
        try:
            value = installation.value(name)
        except CommandError:
            continue
        if value and value in values:
            yield warning(PART, f"{name} and {values[value]} are the same", "give each a secret of its own")
        if value:
            values[value] = name


def _same(installation: Installation) -> Iterator[Finding]:
    for name, services in {**dict.fromkeys(SAME, SERVICES), **SHARED}.items():
        try:
            values = {installation.value(f"{service.upper()}_{name}") or "" for service in services}
        except CommandError:
            continue  # reported already
        if len(values) > 1:
            yield broken(PART, f"the services have different {name}", f"give {', '.join(services)} the same {name}")


def _identities(installation: Installation) -> Iterator[Finding]:
    holders: dict[str, str] = {}
    for holder in (*SERVICES, OPERATOR):
        try:
            seed = installation.value(f"{holder}_NATS_SEED".upper())
        except CommandError:
            continue  # reported already
        if seed and seed in holders:
            what = f"{holders[seed]} and {holder} have the same NATS_SEED"
            yield broken(PART, what, "give each an identity of its own, with the permissions of that service")
        if seed:
            holders[seed] = holder


def _files(installation: Installation) -> Iterator[Finding]:
    for name, value in installation.environment.items():
        if not name.endswith("_FILE") or not name.startswith(tuple(f"{service.upper()}_" for service in SERVICES)):
            continue
        path = Path(value)
        if name.endswith(("CENTRES_FILE", "STAFF_KEYS_FILE")) or MOUNTED in path.parents:
            continue
        try:
            mode = path.stat().st_mode
            passable = all(folder.stat().st_mode & 0o011 for folder in path.absolute().parents)
        except OSError:
            continue  # reported with the setting that cannot be read
        if mode & 0o022 and passable:
            yield broken(PART, f"other users of this machine can change {path}", f"chmod 600 {path}")
        elif mode & 0o044 and passable:
            yield warning(PART, f"other users of this machine can read {path}", f"chmod 600 {path}")


def _production(settings: ServiceSettings) -> Iterator[Finding]:
    real = not settings.environment_label
    speed = clock_from(settings.clock).speed
    if real and settings.clock:
        yield broken(
            PART,
            f"the clock runs {speed:g} times as fast as real time",
            "remove CLOCK, or set ENVIRONMENT_LABEL for a rehearsal",
        )
    elif settings.clock:
        yield ok(PART, f"rehearsal: the clock runs {speed:g} times as fast as real time")
    url = urlsplit(settings.public_url)
    if real and url.scheme != "https":
        if url.hostname in LOOPBACK:
            yield warning(
                PART,
                f"PUBLIC_URL is {settings.public_url}; links in mails work only on this machine",
                "set the address that people open",
            )
        else:
            yield broken(
                PART, f"PUBLIC_URL is {settings.public_url}", "use https; names and addresses are sent over it"
            )


def _second_factor(settings: IntakeSettings) -> Iterator[Finding]:
    day = settings.second_factor_from
    if not settings.environment_label and (day is None or day > datetime.now(UTC).date()):
        yield warning(
            "staff",
            f"a password alone is enough to sign in {f'until {day}' if day else 'for ever'}",
            "set SECOND_FACTOR_FROM to a day that has come",
        )


def _centres(file: Path | None, *, real: bool) -> Iterator[Finding]:
    part = "centres"
    try:
        directory = centres.load(file)
        lines = helplines.load(file)
        services = ways_on.load(file)
    except InstallationError as error:
        for line in str(error).splitlines():
            yield broken(part, line, "correct it in CENTRES_FILE")
        return
    yield ok(part, f"{len(directory.all)} centres, {len(lines)} helplines")
    old = [line.number for line in lines if _age_days(line.last_verified) > VERIFIED_DAYS]
    if old:
        yield warning(
            part,
            f"helplines not verified in the last year: {', '.join(old)}",
            "phone them or look them up, and write the day in CENTRES_FILE",
        )
    if unchecked := [service.id for service in services if _age_days(service.last_verified) > VERIFIED_DAYS]:
        yield warning(
            part,
            f"services in ways_on not verified in the last year: {', '.join(unchecked)}",
            "look them up, and write the day in CENTRES_FILE",
        )
    if real and (invented := [centre.id for centre in directory.all if (centre.email or "").endswith(".example")]):
        yield warning(
            part, f"centres with an invented address: {', '.join(invented)}", "write their own in CENTRES_FILE"
        )


def _age_days(last_verified: str) -> int:
    """Return the days since a date or a year; a bare year counts from its last day."""
    day = date.fromisoformat(last_verified) if "-" in last_verified else date(int(last_verified), 12, 31)
    return (date.today() - day).days  # noqa: DTZ011 - a day more or less does not matter
