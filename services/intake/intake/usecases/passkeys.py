"""What browsers and our side tell each other about passkeys (WebAuthn); loaded at the first one, since it is heavy."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from intake.store import StaffPasskey

_NOT_GENUINE: Final = (WebAuthnException, ValueError, KeyError, TypeError)


class Ceremonies:
    """
    Makes and checks passkeys.

    Args:
        host: To which passkeys are bound.
        origin: Of the pages that use them.
        name: Of us, for the dialogue of the browser.
    """

    def __init__(self, host: str, origin: str, name: str) -> None:
        self._host = host
        self._origin = origin
        self._name = name

    def creation_options(self, username: str, challenge: bytes, passkeys: Sequence[StaffPasskey]) -> str:
        """Return what a browser needs to make a passkey, as JSON."""
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=self._name,
            user_name=username,
            user_id=sha256(b"staff|" + username.encode()).digest(),
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(passkeys),
        )
        return options_to_json(options)

    def made(self, credential: str, challenge: bytes) -> VerifiedRegistration | None:
        """Return the passkey that a browser has made, None if it is not genuine."""
        try:
            return webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except _NOT_GENUINE:
            return None

    def request_options(self, challenge: bytes, passkeys: Sequence[StaffPasskey]) -> str:
        """Return what a browser needs to use a passkey, as JSON."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=challenge,
            allow_credentials=_descriptors(passkeys),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json(options)

    def id_of(self, credential: str) -> bytes | None:
        """Return the id of the passkey that a browser has used, None if the answer cannot be read."""
        try:
            return parse_authentication_credential_json(credential).raw_id
        except _NOT_GENUINE:
            return None

    def used(self, credential: str, challenge: bytes, passkey: StaffPasskey) -> VerifiedAuthentication | None:
        """Return the use of a passkey, None if it has not signed the challenge."""
        try:
            return webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
            )
        except _NOT_GENUINE:
            return None


def _descriptors(passkeys: Sequence[StaffPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in passkeys]
