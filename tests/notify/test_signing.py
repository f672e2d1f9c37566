"""DKIM signatures, checked as a receiving server checks them."""

import base64
from dataclasses import replace
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from notify.signing import SIGNED, Signer, is_key
from tests.notify.support.contents import LANGUAGES
from tests.notify.test_wire import message, raw_headers

SELECTOR = "s2026"


@cache
def keys() -> tuple[bytes, bytes]:
    """A private key in PEM, and the record with its public key."""
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _pem(private), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def _pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def signer() -> Signer:
    return Signer("example.org", SELECTOR, keys()[0])


def holds(raw: bytes) -> bool:
    """What a receiving server finds, with the record of the domain."""

    def record(name: bytes, timeout: int = 5) -> bytes | None:
        return keys()[1] if name == b"s2026._domainkey.example.org." else None

    return bool(dkim.verify(raw, dnsfunc=record))


@pytest.mark.parametrize("recipient", ["kari@example.org", "kåre@example.org"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["on_the_list", "group_confirmed", "address_to_confirm"])
def test_signature_of_a_mail_holds(kind: str, language: str, recipient: str) -> None:
    raw = message(kind, language, recipient=recipient)
    signed = signer().signed(raw)
    assert signed.endswith(raw)
    assert signed.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
    assert holds(signed)
    assert max(map(len, signed.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", SIGNED)
def test_signature_covers_each_header_field(name: str) -> None:
    signed = signer().signed(message())
    field = name.encode() + b": "
    assert signed.partition(b"\r\n\r\n")[0].count(b"\r\n" + field) == 1
    assert not holds(signed.replace(b"\r\n" + field, b"\r\n" + field + b"x", 1))


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "Reply-To"])
def test_signature_forbids_a_second_header_field(name: str) -> None:
    assert not holds(f"{name}: evil@example.net\r\n".encode() + signer().signed(message()))


def test_signature_covers_the_text() -> None:
    signed = signer().signed(message())
    assert not holds(signed.replace(b"ventelisten", b"venteljsten"))


def test_signature_of_a_mail_without_unsubscription_names_no_such_field() -> None:
    signed = signer().signed(message("address_to_confirm"))
    assert b"List-Unsubscribe" not in raw_headers(signed)
    assert b"list-unsubscribe" not in signed.partition(b"\r\nFrom")[0].lower()


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_rsa_key_in_either_form_is_a_key(form: serialization.PrivateFormat) -> None:
    key = _pem(rsa.generate_private_key(65537, 1024), form)
    assert is_key(key)
    assert replace(signer(), private_key=key).signed(message())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----",
        b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        _pem(ec.generate_private_key(ec.SECP256R1())),
    ],
)
def test_other_text_is_no_key(text: bytes) -> None:
    assert not is_key(text)
