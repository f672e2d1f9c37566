from uuid import uuid4

import pytest
from pydantic import SecretStr

from shared.kit.links import Links
from shared.reference.link_purposes import CONFIRM, LEAVE, LINK_PATHS, SEAT

LINKS = Links.under_one_key(SecretStr("k" * 40), LINK_PATHS)


@pytest.mark.asvs("9.2.2")
@pytest.mark.parametrize("purpose", LINK_PATHS)
def test_token_is_read_for_its_own_purpose_only(purpose: str) -> None:
    id_ = uuid4()
    token = LINKS.token(purpose, id_)

    assert {name: LINKS.read(name, token) for name in LINK_PATHS} == dict.fromkeys(LINK_PATHS) | {purpose: id_}


@pytest.mark.parametrize("token", ["", "x", "æøå", "A" * 64, "A" * 65])
def test_read_rubbish_is_none(token: str) -> None:
    assert LINKS.read(SEAT, token) is None


def test_token_of_another_key_is_none() -> None:
    token = Links.under_one_key(SecretStr("l" * 40), LINK_PATHS).token(SEAT, uuid4())

    assert LINKS.read(SEAT, token) is None


@pytest.mark.asvs("1.2.2")
def test_url_has_language_and_path_of_purpose() -> None:
    id_ = uuid4()

    assert LINKS.url("https://h.example/", "nb", CONFIRM, id_).endswith(f".example/bekreft/{LINKS.token(CONFIRM, id_)}")
    assert LINKS.url("https://h.example", "en", LEAVE, id_).startswith("https://h.example/en/meld-av/")
