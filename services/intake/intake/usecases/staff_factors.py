"""Second factors of staff: passkeys (WebAuthn), codes of an app (TOTP, RFC 6238), and recovery codes."""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.sign_in import Proof
from intake.store import StaffPasskey, StaffSession, StaffTotp, staff_factors
from intake.usecases.staff import to_read_out
from intake.usecases.staff_sessions import use_challenge
from intake.vault.kek import Kek
from shared.kit.ids import new_id
from shared.kit.keys import Keys

if TYPE_CHECKING:
    from intake.usecases.passkeys import Ceremonies

ISSUER: Final = "Selvhjelpsgrupper"
STEP_SECONDS: Final = 30
STEPS_BACK: Final = 1
"""Codes of earlier steps that are taken, for somebody who types slowly; RFC 6238, 5.2."""

RECOVERY_CODES: Final = 8
FACTORS_MAX: Final = 10
"""Maximum number of factors of one user; with every further app a guessed code is right more often."""

NAME_MAX: Final = 60  # characters
_RECOVERY_BYTES: Final = 15  # 120 bits, so a plain hash is enough (ASVS 6.5.2)
_RECOVERY_GROUP: Final = 4
_SECRET_BYTES: Final = 20  # RFC 4226, 4: 160 bits
_APP_CODE_MAX: Final = 12  # characters; what is longer is meant as a recovery code
_CODE: Final = re.compile(r"[0-9]{6}")
_BLANKS: Final = re.compile(r"[\s-]")


class SecondFactors:
    """
    Adds and checks second factors.

    Args:
        keys: Of the secrets that are offered to apps; one that was offered under an older key is taken too.
        kek: Encrypts the secrets that apps have.
        public_url: Scheme and host, to which passkeys are bound.
    """

    def __init__(self, keys: Keys, kek: Kek, public_url: str) -> None:
        self._keys = keys
        self._kek = kek
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.hostname or ""

    def offered_secret(self, row: StaffSession) -> str:
        """Return the secret that a session offers to an app; another one as soon as it has been taken."""
        return _offered(self._keys.newest, row)

    def app_url(self, secret: str, username: str) -> str:
        """Return the address in the QR code that an app reads."""
        return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)

    async def add_totp(self, session: AsyncSession, row: StaffSession, code: str, name: str, now: datetime) -> bool:
        """Add the app to which the secret was offered, if its code is right; that code is then used up."""
        proven = self._keys.first(lambda key: _proven(_offered(key, row), code, now))
        if proven is None:
            return False
        secret, step = proven
        factor_id = new_id()
        session.add(
            StaffTotp(
                factor_id=factor_id,
                username=row.username,
                name=name,
                sealed=self._kek.wrap(factor_id, base64.b32decode(secret)),
                kek_id=self._kek.current,
                last_step=step,
                added_at=now,
            )
        )
        use_challenge(row)
        await session.flush()
        return True

    async def use_code(self, session: AsyncSession, username: str, code: str, now: datetime) -> Proof | None:
        """Use up a code of an app or a recovery code; return what it proves, None if it is wrong or was used."""
        if not is_app_code(code):
            used = await staff_factors.use_recovery_code(session, username, _recovery_hash(code))
            return Proof.RECOVERY if used else None
        for totp in await staff_factors.totps_of(session, username):
            secret = base64.b32encode(self._kek.unwrap(totp.factor_id, totp.kek_id, totp.sealed)).decode()
            step = _step_of(secret, _bare(code), now)
            if step is not None and await staff_factors.use_step(session, totp.factor_id, step, now):
                return Proof.TOTP
        return None

    @cached_property
    def _passkeys(self) -> "Ceremonies":
        from intake.usecases.passkeys import Ceremonies  # noqa: PLC0415 - heavy, and most processes never need it

        return Ceremonies(self._host, self._origin, ISSUER)

    def creation_options(self, row: StaffSession, passkeys: Sequence[StaffPasskey]) -> str:
        """Return what a browser needs to make a passkey, as JSON."""
        return self._passkeys.creation_options(row.username, row.challenge, passkeys)

    async def add_passkey(
        self, session: AsyncSession, row: StaffSession, credential: str, name: str, now: datetime
    ) -> bool:
        """Add a passkey that the browser has made for this session, if it is genuine and nobody has it."""
        made = self._passkeys.made(credential, use_challenge(row))
        if made is None or await staff_factors.has_credential(session, made.credential_id):
            return False
        session.add(
            StaffPasskey(
                factor_id=new_id(),
                username=row.username,
                name=name,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                added_at=now,
            )
        )
        await session.flush()
        return True

    def request_options(self, row: StaffSession, passkeys: Sequence[StaffPasskey]) -> str:
        """Return what a browser needs to use a passkey, as JSON."""
        return self._passkeys.request_options(row.challenge, passkeys)

    async def use_passkey(self, session: AsyncSession, row: StaffSession, credential: str, now: datetime) -> bool:
        """Return True if a passkey of the session's user has signed the challenge, which is used up."""
        challenge, raw_id = use_challenge(row), self._passkeys.id_of(credential)
        passkey = await staff_factors.lock_passkey(session, raw_id, row.username) if raw_id is not None else None
        used = self._passkeys.used(credential, challenge, passkey) if passkey is not None else None
        if passkey is None or used is None:
            return False
        passkey.sign_count, passkey.used_at = used.new_sign_count, now
        await session.flush()
        return True


async def stale_totps(session: AsyncSession, kek: Kek) -> list[UUID]:
    """Return the apps whose secret is encrypted by an older key-encryption key."""
    return await staff_factors.totps_of_other_key(session, kek.current)


async def rewrap(session: AsyncSession, kek: Kek, factor_id: UUID) -> None:
    """Encrypt the secret of an app with the current key-encryption key. Idempotent."""
    totp = await staff_factors.lock_totp(session, factor_id)
    if totp is None or totp.kek_id == kek.current:
        return
    totp.sealed = kek.wrap(factor_id, kek.unwrap(factor_id, totp.kek_id, totp.sealed))
    totp.kek_id = kek.current


def is_app_code(code: str) -> bool:
    """Return True for something that an app shows; recovery codes are longer, and too many to guess."""
    return len(_bare(code)) <= _APP_CODE_MAX


async def new_recovery_codes(session: AsyncSession, username: str) -> list[str]:
    """Give a user new recovery codes in place of the old, and return them; only hashes are stored."""
    codes = [to_read_out(secrets.token_bytes(_RECOVERY_BYTES), _RECOVERY_GROUP) for _ in range(RECOVERY_CODES)]
    await staff_factors.replace_recovery_codes(session, username, [_recovery_hash(code) for code in codes])
    return codes


def _recovery_hash(code: str) -> bytes:
    return sha256(_bare(code).lower().encode()).digest()


def _bare(code: str) -> str:
    return _BLANKS.sub("", code)


def _offered(key: bytes, row: StaffSession) -> str:
    return base64.b32encode(hmac.digest(key, row.challenge, sha256)[:_SECRET_BYTES]).decode()


def _proven(secret: str, code: str, now: datetime) -> tuple[str, int] | None:
    step = _step_of(secret, code, now)
    return None if step is None else (secret, step)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the step of time whose code this is, None if it is wrong or too old."""
    if not _CODE.fullmatch(code := _bare(code)):
        return None
    newest = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    for step in range(newest, newest - STEPS_BACK - 1, -1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None
