"""The password of a role, which is replaced while the service goes on (decision 49)."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shared.kit.keys import Live


class Passwords(Live[str]):
    """
    The password in the address of a database, and the one before, which the server may still want.

    Whoever replaces it writes the file first and tells the server then; in between only the one before opens.

    Args:
        name: The setting.
        text: The address, ``postgresql+asyncpg://…``
        path: Where it is read anew; None for an address that never changes.
    """

    def __init__(self, name: str, text: str, path: Path | None = None) -> None:
        self._before: str | None = None
        self._needed = False
        super().__init__(name, text, self._wanted, path)
        self._needed = bool(self.value)

    def refresh(self) -> bool:
        """Read the file if it has changed; return True if the password is another one now."""
        before = self.value
        changed = super().refresh() and self.value != before
        if changed:
            self._before = before
        return changed

    def each(self) -> tuple[str, ...]:
        """Return the passwords that may open, the newest first."""
        self.refresh()
        return (self.value,) if self._before is None else (self.value, self._before)

    def _wanted(self, address: str) -> str:
        """Return the password; an address that has lost it is half written."""
        password = _password_of(address)
        if self._needed and not password:
            raise ValueError("no password")
        return password


def _password_of(address: str) -> str:
    try:
        return make_url(address).password or ""
    except ArgumentError:
        raise ValueError("no address of a database") from None
