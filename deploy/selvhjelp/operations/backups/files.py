"""
The files of a backup: one for each database, a compressed archive encrypted to public keys (age).

What is written is encrypted from the first byte on; nothing lies on the disk in the clear meanwhile.
"""

import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyrage

from selvhjelp.console import CommandError

MANIFEST: Final = "manifest.json"
SUFFIX: Final = ".tar.gz.age"


def recipient(text: str) -> pyrage.x25519.Recipient:
    """
    Return a public key, ``age1…``.

    Raises:
        CommandError: It is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise CommandError("the recipient is no public key of age (age1…)") from None


def identity(path: Path) -> pyrage.x25519.Identity:
    """
    Return the secret key in a file as `age-keygen` writes it.

    Raises:
        CommandError: There is none.
    """
    try:
        lines = path.read_text().splitlines()
        (line,) = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
        return pyrage.x25519.Identity.from_str(line)
    except (OSError, ValueError, pyrage.IdentityError):
        raise CommandError(f"{path} has no secret key of age (AGE-SECRET-KEY-…)") from None


@contextmanager
def writing(path: Path, recipients: Sequence[pyrage.x25519.Recipient]) -> Iterator[tarfile.TarFile]:
    """Open an encrypted archive for writing; the file has its name only once it is whole."""
    partial = path.with_name(f".{path.name}.part")
    outlet, inlet = os.pipe()
    failed: list[BaseException] = []

    def encrypt() -> None:
        try:
            with os.fdopen(outlet, "rb") as plain, _new(partial) as sealed:
                pyrage.encrypt_io(plain, sealed, list(recipients))
                sealed.flush()
                os.fsync(sealed.fileno())
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that writes
            failed.append(error)

    thread = threading.Thread(target=encrypt)
    thread.start()
    try:
        with os.fdopen(inlet, "wb") as stream, tarfile.open(fileobj=stream, mode="w|gz") as archive:
            yield archive
    except BaseException:
        thread.join()
        partial.unlink(missing_ok=True)
        raise
    thread.join()
    if failed:
        partial.unlink(missing_ok=True)
        raise failed[0]
    partial.rename(path)


def _new(path: Path) -> BinaryIO:
    """Open a new file that only its owner can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add one entry."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


@contextmanager
def reading(path: Path, key: pyrage.x25519.Identity) -> Iterator[Iterator[tuple[str, bytes]]]:
    """
    Open an encrypted archive; yields names and contents in the order of writing.

    Raises:
        CommandError: The key does not open it, or it is broken.
    """
    outlet, inlet = os.pipe()
    failed: list[BaseException] = []

    def decrypt() -> None:
        try:
            with os.fdopen(inlet, "wb") as plain, path.open("rb") as sealed:
                pyrage.decrypt_io(sealed, plain, [key])
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    thread = threading.Thread(target=decrypt)
    thread.start()
    try:
        with os.fdopen(outlet, "rb") as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
            yield _entries(archive)
            while stream.read(65536):
                pass
    except (tarfile.TarError, EOFError, OSError):
        thread.join()
        raise CommandError(f"{path.name} cannot be opened with this key, or is broken") from None
    thread.join()
    if failed:
        raise CommandError(f"{path.name} cannot be opened with this key, or is broken")


def _entries(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for entry in archive:
        content = archive.extractfile(entry)
        yield entry.name, content.read() if content else b""


def manifest(content: dict[str, Any]) -> bytes:
    """Return the first entry of an archive."""
    return json.dumps(content, indent=1).encode()
