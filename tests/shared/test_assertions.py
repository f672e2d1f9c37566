"""Who is signed in, as intake asserts it to one service for a minute."""

import base64
import hmac
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.kit import assertions
from shared.kit.assertions import HEADER, AssertionSigner, AssertionVerifier, new_keys
from tests.shared.support.staff import STAFF_KEYS, signed
from tests.shared.support.web_demo.client import KARI, NOON

LIFETIME = assertions.ASSERTION_LIFETIME  # before the tests of pages make it longer


@pytest.fixture(autouse=True)
def real_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assertions, "ASSERTION_LIFETIME", LIFETIME)


def asserted(service: str = "notify") -> str:
    return signed(KARI, service, NOON)[HEADER]


VERIFIER = AssertionVerifier(STAFF_KEYS, "notify")


@pytest.mark.asvs("9.2.1")
def test_assertion_is_valid_for_a_minute() -> None:
    header = asserted()
    assert VERIFIER.member(header, NOON + timedelta(seconds=59)) == KARI
    assert VERIFIER.member(header, NOON + timedelta(seconds=60)) is None


def test_assertion_from_the_future_is_none() -> None:
    assert VERIFIER.member(signed(KARI, "notify", NOON + timedelta(hours=1))[HEADER], NOON) is None


@pytest.mark.asvs("9.2.3", "9.2.4")
@pytest.mark.parametrize("service", ["intake", "grouping", "", "Notify", "notify "])
def test_assertion_for_another_service_is_none(service: str) -> None:
    assert VERIFIER.member(asserted(service), NOON) is None


@pytest.mark.asvs("9.1.1")
@given(st.integers(min_value=0), st.sampled_from("ABab01._-=%æ"))
def test_changed_character_is_none(position: int, sign: str) -> None:
    header = asserted()
    place = position % len(header)
    forged = header[:place] + sign + header[place + 1 :]
    assert VERIFIER.member(forged, NOON) == (KARI if forged == header else None)


@given(st.text(max_size=200))
def test_rubbish_is_none(header: str) -> None:
    assert VERIFIER.member(header, NOON) is None


@pytest.mark.parametrize("header", ["", ".", "..", "e30.e30.", "e30.e30.AAAA", "." * 300, "x" * 100_000])
def test_broken_token_is_none(header: str) -> None:
    assert VERIFIER.member(header, NOON) is None


@pytest.mark.asvs("9.1.3")
def test_key_of_somebody_else_is_none() -> None:
    header = AssertionSigner(SecretStr(new_keys()[0])).sign(KARI, "notify", NOON)
    assert VERIFIER.member(header, NOON) is None


@pytest.mark.asvs("9.1.2")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "EdDSA", "ES256"])
def test_other_algorithm_is_none(algorithm: str) -> None:
    """Refuse a token without a signature, and one that takes the public key for a shared secret."""
    header, body, _ = asserted().split(".")
    fields = json.loads(base64.urlsafe_b64decode(header + "==")) | {"alg": algorithm}
    said = f"{_encoded(json.dumps(fields).encode())}.{body}"
    mac = hmac.digest(STAFF_KEYS.encode(), said.encode(), f"sha{algorithm[2:]}") if algorithm[:2] == "HS" else b""
    assert VERIFIER.member(f"{said}.{_encoded(mac)}", NOON) is None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_old_and_new_key_are_believed_while_one_replaces_the_other() -> None:
    old, new = new_keys(), new_keys()
    both = AssertionVerifier(f"{new[1]}\n{old[1]}", "notify")
    for private, _ in (old, new):
        assert both.member(AssertionSigner(SecretStr(private)).sign(KARI, "notify", NOON), NOON) == KARI
    only_new = AssertionVerifier(new[1], "notify")
    assert only_new.member(AssertionSigner(SecretStr(old[0])).sign(KARI, "notify", NOON), NOON) is None
