"""Check settings, secrets, the clock, the public address and the file of centres."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from intake.vault.kek import Kek
from selvhjelp.console import CommandError
from selvhjelp.installation import SERVICES, Installation
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from shared.kit.clock import clock_from
from shared.kit.settings import ServiceSettings
from shared.reference import centres, helplines
from shared.reference.installation import InstallationError

PART: Final = "innstillinger"
SAME: Final = ("LINK_KEY", "STAFF_KEY", "PUBLIC_URL", "CLOCK", "CENTRES_FILE", "ENVIRONMENT_LABEL")
"""Settings that must be equal in all services: links, sign-in, time and centres depend on them."""

KEYS: Final = ("LINK_KEY", "FORM_KEY", "STAFF_KEY", "KEY_ENCRYPTION_KEY", "BLIND_INDEX_KEY")
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
            findings.append(broken(PART, f"{service} kan ikke starte: {error}", "sett dem i miljøet til tjenesten"))
    findings += _keys(installation)
    findings += _same(installation)
    findings += _files(installation)
    if read:
        findings += _production(read[0])
        file = installation.value("INTAKE_CENTRES_FILE")
        findings += _centres(Path(file) if file else None, real=not read[0].environment_label)
    return (
        findings
        if any(finding.level == "broken" for finding in findings)
        else [ok(PART, "de tre tjenestene kan lese sine"), *findings]
    )


def _keys(installation: Installation) -> Iterator[Finding]:
    try:
        Kek.parse(installation.secret("INTAKE_KEY_ENCRYPTION_KEY").get_secret_value())
    except ValueError:
        yield broken(
            PART,
            "INTAKE_KEY_ENCRYPTION_KEY er ikke 32 byte i base64",
            "er installasjonen ny: lag en med `head -c 32 /dev/urandom | base64`; ellers finn den gamle igjen",
        )
    except CommandError:
        pass  # reported with the other missing settings
    values: dict[str, str] = {}
    for name in KEYS:
        try:
            value = installation.value(f"INTAKE_{name}")
        except CommandError:
            continue
        if value and value in values:
            yield warning(PART, f"INTAKE_{name} og INTAKE_{values[value]} er den samme", "gi hver sin egen hemmelighet")
        if value:
            values[value] = name


def _same(installation: Installation) -> Iterator[Finding]:
    for name in SAME:
        try:
            values = {installation.value(f"{service.upper()}_{name}") or "" for service in SERVICES}
        except CommandError:
            continue  # reported already
        if len(values) > 1:
            yield broken(PART, f"tjenestene har ulik {name}", f"gi alle tre den samme {name}")


def _files(installation: Installation) -> Iterator[Finding]:
    for name, value in installation.environment.items():
        if not name.endswith("_FILE") or not name.startswith(tuple(f"{service.upper()}_" for service in SERVICES)):
            continue
        path = Path(value)
        if name.endswith("CENTRES_FILE") or MOUNTED in path.parents:
            continue
        try:
            mode = path.stat().st_mode
            passable = all(folder.stat().st_mode & 0o011 for folder in path.absolute().parents)
        except OSError:
            continue  # reported with the setting that cannot be read
        if mode & 0o022 and passable:
            yield broken(PART, f"andre på maskinen kan endre {path}", f"chmod 600 {path}")
        elif mode & 0o044 and passable:
            yield warning(PART, f"andre på maskinen kan lese {path}", f"chmod 600 {path}")


def _production(settings: ServiceSettings) -> Iterator[Finding]:
    real = not settings.environment_label
    speed = clock_from(settings.clock).speed
    if real and settings.clock:
        yield broken(
            PART, f"klokka går {speed:g} ganger så fort som den vanlige", "ta bort CLOCK, eller merk det som en øving"
        )
    elif settings.clock:
        yield ok(PART, f"øving: klokka går {speed:g} ganger så fort som den vanlige")
    url = urlsplit(settings.public_url)
    if real and url.scheme != "https":
        if url.hostname in LOOPBACK:
            yield warning(
                PART, f"PUBLIC_URL er {settings.public_url}", "lenkene i e-postene virker bare på denne maskinen"
            )
        else:
            yield broken(PART, f"PUBLIC_URL er {settings.public_url}", "bruk https; navn og adresser sendes over den")


def _centres(file: Path | None, *, real: bool) -> Iterator[Finding]:
    part = "sentre"
    try:
        directory = centres.load(file)
        lines = helplines.load(file)
    except InstallationError as error:
        for line in str(error).splitlines():
            yield broken(part, line, "rett det i CENTRES_FILE")
        return
    yield ok(part, f"{len(directory.all)} sentre, {len(lines)} hjelpetelefoner")
    old = [line.number for line in lines if _age_days(line.last_verified) > VERIFIED_DAYS]
    if old:
        yield warning(
            part,
            f"hjelpetelefonene {', '.join(old)} er ikke kontrollert det siste året",
            "ring eller slå dem opp, og skriv dagen i CENTRES_FILE",
        )
    if real and (invented := [centre.id for centre in directory.all if (centre.email or "").endswith(".example")]):
        yield warning(part, f"{', '.join(invented)} har oppdiktet adresse", "skriv senterets egen i CENTRES_FILE")


def _age_days(last_verified: str) -> int:
    """Return the days since a date or a year; a bare year counts from its last day."""
    day = date.fromisoformat(last_verified) if "-" in last_verified else date(int(last_verified), 12, 31)
    return (date.today() - day).days  # noqa: DTZ011 - a day more or less does not matter
