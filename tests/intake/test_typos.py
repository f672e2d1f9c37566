"""Likely typing errors in addresses are questioned, and right addresses never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.typos import KNOWN_DOMAINS, suggestion


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kari@gmial.con", "gmail.com"),
        ("kari@gmail.com.no", "gmail.com"),
        ("kari@hotmail.no.com", "hotmail.no"),
        ("kari@icloud.com.com", "icloud.com"),
        ("kari@www.gmail.com", "gmail.com"),
        ("kari@gmail.net", "gmail.com"),
        ("kari@icloud.org", "icloud.com"),
        ("kari@live.n", "live.no"),
        ("kari@lyse.ne", "lyse.net"),
        ("kari@msn.co", "msn.com"),
        ("kari@gmial.com", "gmail.com"),
        ("kari@gmai.com", "gmail.com"),
        ("kari@gmail.cmo", "gmail.com"),
        ("kari@gmailcom", "gmail.com"),
        ("kari@gmail", "gmail.com"),
        ("kari@gmail,com", "gmail.com"),
        ("kari@gmail..com", "gmail.com"),
        ("kari@gnail.com", "gmail.com"),
        ("kari@mgail.com", "gmail.com"),
        ("kari@GMAIL.CON", "gmail.com"),
        ("kari@hotmial.com", "hotmail.com"),
        ("kari@hotmal.no", "hotmail.no"),
        ("kari@otmail.com", "hotmail.com"),
        ("kari@outlok.com", "outlook.com"),
        ("kari@outlook.con", "outlook.com"),
        ("kari@iclod.com", "icloud.com"),
        ("kari@yaho.no", "yahoo.no"),
        ("kari@onlin.no", "online.no"),
        ("kari@onlineno", "online.no"),
        ("kari@live.noo", "live.no"),
        ("kari@minbedrift.con", "minbedrift.com"),
    ],
)
def test_suggestion_slip_gives_likely_domain(typed: str, meant: str) -> None:
    assert suggestion(typed) == f"kari@{meant}"


@pytest.mark.parametrize(
    "email",
    [
        *(f"kari@{domain}" for domain in KNOWN_DOMAINS),
        "kari@googlemail.com",
        "kari@protonmail.ch",
        "kari@outlook.es",
        "kari@www.example.org",
        "kari@firma.com.br",
        "kari@gmx.com",
        "kari@mail.com",
        "kari@ymail.com",
        "kari@hotmail.se",
        "kari@bergen.kommune.no",
        "kari@link-bergen.example",
        "kari@example.org",
        "kari@uib.no",
        "kari@nrk.no",
        "kari@ruter.om",
        "kari@faß.de",
        "kari@blåbær.no",
        "kari@me.no",
        "kari@tine.no",
        "kari@lile.no",
        "kari@pm.me",
        "kari@[192.0.2.1]",
        "kari",
        "@",
        "",
    ],
)
def test_suggestion_right_address_is_never_questioned(email: str) -> None:
    assert suggestion(email) is None


@given(st.text(max_size=40))
def test_suggestion_any_text_settles_after_one_question(text: str) -> None:
    better = suggestion(f"kari@{text}")
    assert better is None or suggestion(better) is None
