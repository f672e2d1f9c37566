"""Files of keys in a directory of secrets: their versions, and how they change while services read them."""

from datetime import UTC, date, datetime

from shared.kit.keys import KeyVersion


def today() -> date:
    """Return the day that a new version bears."""
    return datetime.now(UTC).date()


def first_versions(old: str | None) -> str:
    """Return a new key file; with the one key of before, whose links go on working."""
    versions = [KeyVersion.new(1, today())]
    if old is not None:
        versions.append(KeyVersion(0, None, old.encode()))
    return "\n".join(map(str, versions))
