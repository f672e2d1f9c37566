"""
Files of keys in a directory of secrets: their versions, and how they change while services read them.

A file is written in place: a container sees the file that was mounted, and would go on reading the old one if another
took its name. A service that reads it half written keeps the keys it has and reads again.
"""

import os
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.key_table import KEYS, ROTATED, Key
from shared.kit.assertions import new_keys, public_keys
from shared.kit.keys import KEY_BYTES, KeyVersion, parse_versions
from shared.reference.key_rings import RINGS

KEK: Final = "key_encryption_key"
VERSIONED: Final = frozenset({*RINGS, "blind_index_key"})
"""Files of versions."""

PUBLIC: Final = "staff_keys"
PUBLIC_KEPT: Final = 3
"""Public keys that verify; an assertion lives for a minute, so that one of before would do."""


@dataclass(frozen=True)
class Version:
    """A version of a key, without the key: its name, and the day on which it was made if that is known."""

    name: str
    made: date | None


def today() -> date:
    """Return the day that a new version bears."""
    return datetime.now(UTC).date()


def first_versions(old: str | None) -> str:
    """Return a new key file; with the one key of before, whose links go on working."""
    versions = [KeyVersion.new(1, today())]
    if old is not None:
        versions.append(KeyVersion(0, None, old.encode()))
    return "\n".join(map(str, versions))


def folder_of(installation: Installation) -> Path:
    """
    Return the directory with the secrets of an installation.

    Raises:
        CommandError: Its keys are not in files.
    """
    if installation.directory is not None:
        return installation.directory / "secrets"
    file = installation.environment.get("INTAKE_COMMON_KEY_FILE")
    if file is None:
        raise CommandError("the keys of this installation are not in files; name their directory with --secrets")
    return Path(file).parent


def versions(folder: Path, key: Key) -> list[Version]:
    """Return the versions of a key, the newest first; none if it is not in a file of its own."""
    path = folder / key.name
    if not path.is_file() or not path.stat().st_size:
        return []
    text = _read(path)
    if key.name in VERSIONED:
        return [Version(str(version.number), version.made) for version in _ring(path)]
    if key.name == KEK:
        return [Version(name, _day(name)) for name, _ in _keks(text)]
    return [Version("1", datetime.fromtimestamp(path.stat().st_mtime, UTC).date())]


def rotate(folder: Path, name: str) -> Version:
    """
    Add a new version of a key, which makes from now on; those of before go on verifying.

    Raises:
        CommandError: There is no such key, or its file cannot be read or written.
    """
    if name not in ROTATED:
        raise CommandError(f"{name} is not changed by this command; it changes {', '.join(ROTATED)}")
    path = folder / name
    if name in VERSIONED:
        old = _ring(path)
        new = KeyVersion.new(old[0].number + 1, today())
        _write(path, "\n".join(map(str, (new, *old))))
        return Version(str(new.number), new.made)
    if name == KEK:
        keks = _keks(_read(path))
        number = 1 + max(_number(each) for each, _ in keks)
        label = f"{number}@{today().isoformat()}"
        keks.insert(0, (label, b64encode(os.urandom(KEY_BYTES)).decode()))
        _write(path, "\n".join(f"{each}:{secret}" for each, secret in keks))
        return Version(label, today())
    private, public = new_keys()
    known = public_keys(_read(folder / PUBLIC))
    # The public one first: no service meets an assertion that it cannot verify.
    _write(folder / PUBLIC, "\n".join([public.strip(), *known][:PUBLIC_KEPT]))
    _write(path, private.strip())
    return Version("1", today())


def retire(folder: Path, name: str, *, at_once: bool, in_use: Collection[str] = ()) -> list[Version]:
    """
    Destroy the versions of a key that nothing needs any more; return them.

    Args:
        folder: The directory of secrets.
        name: A ring, or the key-encryption key.
        at_once: True to destroy all but the newest, as after a leak: what they made does not work any more.
        in_use: Ids of key-encryption keys by which something is still wrapped.

    Raises:
        CommandError: The key has no versions to destroy, or its file cannot be read or written.
    """
    path = folder / name
    if name == KEK:
        keks = _keks(_read(path))
        kept = [keks[0], *(each for each in keks[1:] if each[0] in in_use)]
        if len(kept) < len(keks):
            _write(path, "\n".join(f"{each}:{secret}" for each, secret in kept))
        return [Version(each, _day(each)) for each, _ in keks if each not in dict(kept)]
    if name not in VERSIONED:
        raise CommandError(f"{name} has no versions to destroy")
    life = next(key.life for key in KEYS if key.name == name) or timedelta(0)
    ring = _ring(path)
    gone = [
        version
        for version, successor in zip(ring[1:], ring, strict=False)
        if at_once or (successor.made is not None and today() - successor.made > life)
    ]
    if gone:
        _write(path, "\n".join(str(version) for version in ring if version not in gone))
    return [Version(str(version.number), version.made) for version in gone]


def _ring(path: Path) -> tuple[KeyVersion, ...]:
    try:
        return parse_versions(_read(path))
    except ValueError as error:
        raise CommandError(f"{path} {error}") from None


def _keks(text: str) -> list[tuple[str, str]]:
    """Return the key-encryption keys with their ids; one without an id has the id 1, as intake reads it."""
    parts = (part.rpartition(":") for part in text.replace(",", " ").split())
    return [(kek_id or "1", secret) for kek_id, _, secret in parts]


def _number(kek_id: str) -> int:
    number = kek_id.partition("@")[0]
    return int(number) if number.isdecimal() else 1


def _day(kek_id: str) -> date | None:
    try:
        return date.fromisoformat(kek_id.partition("@")[2])
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {path} ({type(error).__name__})") from None


def _write(path: Path, text: str) -> None:
    """Write a file in place with one call, and keep its mode."""
    data = f"{text}\n".encode()
    try:
        mode = path.stat().st_mode & 0o777
        path.chmod(mode | 0o200)
        try:
            descriptor = os.open(path, os.O_WRONLY)
            try:
                os.write(descriptor, data)
                os.ftruncate(descriptor, len(data))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        finally:
            path.chmod(mode)
    except OSError as error:
        raise CommandError(f"cannot write {path} ({error.strerror})") from None
