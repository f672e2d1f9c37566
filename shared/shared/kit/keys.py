"""
Keys in versions: the newest makes links and signatures, and all verify them, so that those of before go on working.

A service reads its keys from mounted files, and reads a file anew when it has changed: every few seconds, at SIGHUP,
and when something does not verify, since another service may have read the new version a moment earlier.
"""

import hashlib
import hmac
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Generic, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import SettingError
from shared.kit.logging import get_logger
from shared.kit.text import is_invisible

KEY_BYTES: Final = 32
KEY_MIN: Final = 32  # characters of a key without a version

_VERSION: Final = re.compile(r"([1-9][0-9]{0,4})@([0-9]{4}-[0-9]{2}-[0-9]{2}):([A-Za-z0-9_-]{43}=?)")
_BEGUN: Final = re.compile(r"[0-9]+@")
_OLDEST: Final = "0:"

T = TypeVar("T")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """
    One version of a key.

    Attributes:
        number: 1, 2, …; 0 for a key of before there were versions, which is used as it is.
        made: The day on which it was made, None for number 0.
        secret: 32 bytes; any bytes with number 0.
    """

    number: int
    made: date | None
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls, number: int, made: date) -> "KeyVersion":
        """Return a new random version."""
        return cls(number, made, os.urandom(KEY_BYTES))

    def __str__(self) -> str:
        """Return the line of a key file; it holds the secret."""
        if self.made is None:
            return f"{_OLDEST}{self.secret.decode()}"
        return f"{self.number}@{self.made.isoformat()}:{urlsafe_b64encode(self.secret).decode().rstrip('=')}"


def parse_versions(text: str) -> tuple[KeyVersion, ...]:
    """
    Return the versions in a key file, the newest first.

    A line is ``NUMBER@DATE:KEY`` with 32 bytes in base64, or ``0:KEY`` for a key of before there were versions. A text
    of one line without a number is such a key too.

    Raises:
        ValueError: It is no key; the message never repeats one.
    """
    lines = text.strip().split("\n")
    versions = [_parsed(line.strip(), alone=len(lines) == 1) for line in lines if line.strip()]
    if not versions:
        raise ValueError("must have 32 characters or more that can be seen")
    if len({version.number for version in versions}) != len(versions):
        raise ValueError("must not have two versions with the same number")
    return tuple(sorted(versions, key=lambda version: -version.number))


def _parsed(line: str, *, alone: bool) -> KeyVersion:
    if match := _VERSION.fullmatch(line):
        try:
            secret = urlsafe_b64decode(match[3].rstrip("=") + "=")
            return KeyVersion(int(match[1]), date.fromisoformat(match[2]), secret)
        except ValueError:
            raise ValueError("must have a day in each version, as 2@2026-01-31:") from None
    if not (alone or line.startswith(_OLDEST)) or _BEGUN.match(line):
        raise ValueError("must have one version in each line, as 2@2026-01-31: and 32 bytes in base64")
    secret_text = line.removeprefix(_OLDEST)
    if len(secret_text) < KEY_MIN or any(map(is_invisible, secret_text)):
        raise ValueError("must have 32 characters or more that can be seen")
    return KeyVersion(0, None, secret_text.encode())


class Live(Generic[T]):
    """
    The content of a mounted file, read anew when the file has changed.

    Args:
        name: The setting, for the log.
        text: Its value at the start.
        parse: Reads the value; raises ValueError for one that cannot be used.
        path: The file; None for a value that never changes.

    Attributes:
        changes: How often another value was read.
    """

    def __init__(self, name: str, text: str, parse: Callable[[str], T], path: Path | None = None) -> None:
        self._name, self._parse, self._path = name, parse, path
        self._stamp = _stamp(path)
        self._text = text
        self.value = parse(text)
        self.changes = 0

    def refresh(self) -> bool:
        """Read the file if it has changed; return True if the value is another one now."""
        stamp = _stamp(self._path)
        if self._path is None or stamp is None or stamp == self._stamp:
            return False
        try:
            text = self._path.read_text("utf-8-sig").strip()
            value = self._parse(text) if text != self._text else self.value
        except (OSError, ValueError, SettingError):  # half written: it is read again in a moment
            log.warning("key_file_unusable", name=self._name)
            return False
        self._stamp = stamp
        changed = text != self._text
        self._text, self.value = text, value
        if changed:
            self.changes += 1
            log.info("key_file_read", name=self._name)
        return changed


class Ring(Live[tuple[KeyVersion, ...]]):
    """
    The versions of one key; each purpose has a key of its own, derived with HKDF-SHA256 (RFC 5869).

    Args:
        name: The setting.
        text: The key file, see :func:`parse_versions`.
        path: Where it is read anew; None for a ring that never changes.
    """

    def __init__(self, name: str, text: str, path: Path | None = None) -> None:
        self._derived: dict[tuple[bytes, str], bytes] = {}
        super().__init__(name, text, parse_versions, path)

    def key(self, version: KeyVersion, purpose: str) -> bytes:
        """Return the key of a version for a purpose: 32 bytes, or the whole key of before there were versions."""
        if version.number == 0:
            return version.secret
        key = self._derived.get((version.secret, purpose))
        if key is None:
            hkdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"selvhjelp|{purpose}".encode())
            key = self._derived[version.secret, purpose] = hkdf.derive(version.secret)
        return key

    def keys(self, purpose: str) -> "Keys":
        """Return the keys for a purpose, as they are whenever they are asked for."""
        return Keys(self, purpose)

    def replaced_on(self, version: KeyVersion) -> date | None:
        """Return the day on which another version took the place of this one; None for the newest."""
        newer = [each.made for each in self.value if each.number > version.number and each.made is not None]
        return min(newer, default=None)


@dataclass(frozen=True, slots=True)
class Keys:
    """
    The keys of a ring for one purpose.

    Attributes:
        ring: Holds the versions.
        purpose: A key of one purpose is of no use for another.
    """

    ring: Ring
    purpose: str

    @property
    def newest(self) -> bytes:
        """The key that makes."""
        return self._of(self.ring.value[0])

    @property
    def newest_number(self) -> int:
        """The number of the version that makes, to be stored beside what only that version can open."""
        return self.ring.value[0].number

    def numbered(self, number: int) -> bytes | None:
        """Return the key of the version with a number, None if there is none."""
        while True:
            for version in self.ring.value:
                if version.number == number:
                    return self._of(version)
            if not self.ring.refresh():
                return None

    def all(self) -> tuple[bytes, ...]:
        """Return all keys that verify, the newest first."""
        return tuple(self._of(version) for version in self.ring.value)

    def first(self, verify: Callable[[bytes], T | None]) -> T | None:
        """Return the result of the first key that verifies; None if none does, not even after the file is read anew."""
        tried: set[bytes] = set()
        while True:
            for key in self.all():
                if key not in tried and (verified := verify(key)) is not None:
                    return verified
                tried.add(key)
            if not self.ring.refresh():
                return None

    def _of(self, version: KeyVersion) -> bytes:
        if version.number == 0:  # as it was derived then
            return hmac.digest(version.secret, b"key|" + self.purpose.encode(), hashlib.sha256)
        return self.ring.key(version, self.purpose)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
