"""The sign-up form: validation and the centre's requirements."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.form import FormInvalid, canonical_email, canonical_of_normalized, parse_form
from intake.domain.requirements import Requirements, requirement_errors

GOOD: dict[str, Any] = {
    "first_name": "Kari",
    "email": "kari@example.org",
    "mobile": "+4791234567",
    "place": "5003",
    "slots": ["tue-evening"],
    "languages": ["nb"],
    "max_travel_km": 20,
    "language": "nb",
    "adult": True,
    "consent_version": "1",
}


def errors_of(**changes: Any) -> dict[str, str]:
    with pytest.raises(FormInvalid) as raised:
        parse_form({name: value for name, value in (GOOD | changes).items() if value is not ...})
    return {error.field: error.code for error in raised.value.errors}


def test_parse_form_normalizes_values() -> None:
    form = parse_form(
        GOOD | {"first_name": "  Ka\u0301ri \u00a0 Nordmann", "mobile": "912 34 567", "slots": ["tue-day"] * 3}
    )
    assert (form.first_name, form.mobile, form.slots) == ("Kári Nordmann", "+4791234567", ("tue-day",))


@pytest.mark.asvs("2.2.3")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": None, "mobile": None}, {"email": "contact_missing"}),
        ({"email": "", "mobile": ""}, {"email": "contact_missing"}),
        ({"email": "kari"}, {"email": "email_invalid"}),
        ({"email": "a@example.org, b@example.org"}, {"email": "email_invalid"}),
        ({"email": None, "mobile": "12"}, {"mobile": "mobile_invalid"}),
        ({"email": "kari", "mobile": "12"}, {"email": "email_invalid", "mobile": "mobile_invalid"}),
        ({"email": "x" * 65 + "@example.org"}, {"email": "email_local_too_long"}),
        ({"email": "kåre@example.org"}, {"email": "email_local_not_ascii"}),
        ({"email": "kari", "mobile": None}, {"email": "email_invalid"}),
        ({"first_name": ...}, {"first_name": "missing"}),
        ({"first_name": "   "}, {"first_name": "missing"}),
        ({"first_name": "x" * 101}, {"first_name": "too_long"}),
        ({"first_name": "a\x00b"}, {"first_name": "control_character"}),
        ({"first_name": "a\nb"}, {"first_name": "control_character"}),
        ({"first_name": "a\u2028b"}, {"first_name": "control_character"}),
        ({"first_name": "\u3164"}, {"first_name": "missing"}),
        ({"first_name": "\U00016fe4"}, {"first_name": "missing"}),
        ({"first_name": "\U0001d159 \U0001d159"}, {"first_name": "missing"}),
        ({"first_name": "\ufffe"}, {"first_name": "missing"}),
        ({"first_name": "\ufdd0\ufdef"}, {"first_name": "missing"}),
        ({"first_name": "\U0010ffff\u200d"}, {"first_name": "missing"}),
        ({"first_name": "\u2800\u200d \u115f"}, {"first_name": "missing"}),
        ({"first_name": "\u180b\u180f"}, {"first_name": "missing"}),
        ({"first_name": "\u2065"}, {"first_name": "missing"}),
        ({"first_name": "\ufff0"}, {"first_name": "missing"}),
        ({"first_name": "\U000e0080\U000e0fff"}, {"first_name": "missing"}),
        ({"first_name": "\u0300"}, {"first_name": "missing"}),
        ({"first_name": "\u20e3 \u0332"}, {"first_name": "missing"}),
        ({"first_name": "\u3000\u061c\u2066"}, {"first_name": "missing"}),
        ({"place": ""}, {"place": "missing"}),
        ({"slots": []}, {"slots": "missing"}),
        ({"slots": ["tue-night"]}, {"slots": "not_a_choice"}),
        ({"languages": ["norsk"]}, {"languages": "not_a_choice"}),
        ({"max_travel_km": 0}, {"max_travel_km": "out_of_range"}),
        ({"max_travel_km": "20"}, {"max_travel_km": "wrong_type"}),
        ({"language": "se"}, {"language": "not_a_choice"}),
        ({"adult": False}, {"adult": "adult_required"}),
        ({"adult": "true"}, {"adult": "wrong_type"}),
        ({"consent_version": ...}, {"consent_version": "missing"}),
        ({"why": "because"}, {"": "unknown_field"}),
        (
            {"first_name": "", "adult": False, "slots": []},
            {"first_name": "missing", "adult": "adult_required", "slots": "missing"},
        ),
    ],
)  # fmt: skip
def test_parse_form_reports_all_errors_by_field(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected == errors_of(**changes)


def test_parse_form_email_or_mobile_is_enough() -> None:
    assert parse_form(GOOD | {"email": None}).mobile
    assert parse_form({name: value for name, value in GOOD.items() if name != "mobile"}).email


def test_parse_form_accepts_names_in_all_scripts() -> None:
    for name in ("Bjørn-Åge", "Đurđa", "محمد", "Nguyễn", "O'Brien", "می\u200cشا"):
        assert name == parse_form(GOOD | {"first_name": name}).first_name


@pytest.mark.parametrize(
    "mobile",
    [
        "\u202a+47 912 34 567\u202c",
        "\u2066912 34 567\u2069",
        "+47\u00a0912\u200b34\u200d567\ufeff",
        "912\u00ad34\u2060567",
        "\u200e0047 91234567\u200f",
    ],
)
def test_parse_form_mobile_with_unseen_marks_is_accepted(mobile: str) -> None:
    assert parse_form(GOOD | {"mobile": mobile}).mobile == "+4791234567"


@pytest.mark.parametrize(
    "mobile",
    [
        "+47(0)91234567",
        "+47 (0) 912 34 567",
        "(+47) 912 34 567",
        "+47 +47 91234567",
        "0047 0047 91234567",
        "912 34 567 (mobil)",
        "912 34 567 (privat)",
        "912 34 567 mob",
        "Tlf. 912.34.567",
        "tel:+47-912-34-567",
        "912\t34\t567",
        "+47\n91234567\r\n",
        "912\u201134\u2013567",
        "\uff19\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        "\u0669\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
        "912 34 567 (ring helst etter klokka seksten)",
    ],
)
def test_parse_form_mobile_as_people_write_it_is_understood(mobile: str) -> None:
    assert parse_form(GOOD | {"email": None, "mobile": mobile}).mobile == "+4791234567"


@pytest.mark.parametrize(
    ("mobile", "expected"),
    [
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("0046 70 123 45 67", "+46701234567"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("+380 50 123 4567", "+380501234567"),
        ("+963 944 567 890", "+963944567890"),
        ("+252 61 2345678", "+252612345678"),
        ("+299 22 12 34", "+299221234"),
        ("22 85 50 00", "+4722855000"),
    ],
)
def test_parse_form_number_of_any_country_is_kept(mobile: str, expected: str) -> None:
    assert parse_form(GOOD | {"email": None, "mobile": mobile}).mobile == expected


@pytest.mark.parametrize(
    "mobile",
    ["912 34 567 / 413 00 000", "912 34 567 eller 413 00 000", "912 34 567 ext. 5", "+47 9l2 34 567", "(mobil)"],
)
def test_parse_form_two_numbers_or_none_are_asked_about(mobile: str) -> None:
    assert errors_of(email=None, mobile=mobile) == {"mobile": "mobile_invalid"}


@pytest.mark.parametrize(
    "email",
    [
        "Kari Nordmann <kari@example.org>",
        "<kari@example.org>",
        "mailto:kari@example.org",
        "MAILTO:kari@example.org",
        "kari@example.org.",
        "kari@example.org,",
        "kari@example.org;",
        "kari @ example.org",
        "kari@example. org",
        "kari\uff20example.org",
        "kari@example\u3002org",
        "kari@\uff45xample\uff0eorg",
        "kari@example.org\r\n",
        "kari@\texample.org",
        "(kari@example.org)",
        '"Nordmann, Kari" <kari@example.org>;',
    ],
)
def test_parse_form_email_as_people_paste_it_is_understood(email: str) -> None:
    assert parse_form(GOOD | {"mobile": None, "email": email}).email == "kari@example.org"


@pytest.mark.parametrize(
    "email",
    [
        "kari@example.org, ola@example.org",
        "Kari <kari@example.org>, Ola <ola@example.org>",
        "<kari@example.org><ola@example.org>",
        "kari nordmann@example.org",
        "kari@exa mple.org",
        "kari@@example.org",
        "kari@example..org",
        "<>",
        "mailto:",
        "kari@example.org?subject=x",
    ],
)
def test_parse_form_email_that_may_be_several_is_asked_about(email: str) -> None:
    assert errors_of(mobile=None, email=email) == {"email": "email_invalid"}


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("place", "5003\tBergen\n", "5003 Bergen"),
        ("first_name", "Kari\n", "Kari"),
        ("first_name", "\tOla \u2028", "Ola"),
        ("email", "o'hara+post@example.org", "o'hara+post@example.org"),
        ("email", "\u200bkari@example.org\ufeff", "kari@example.org"),
        ("email", "\u202akari@\u200dexample.org\u202c", "kari@example.org"),
        ("place", "\u206650\u200b03\u2069", "5003"),
        ("first_name", "\u202eKari\u202c", "Kari"),
        ("first_name", "Ka\u00adri\u200d", "Kari"),
        ("first_name", "❤\ufe0f Kari", "❤ Kari"),
        ("first_name", "می\u200cشا", "می\u200cشا"),
        ("first_name", "ක්\u200dෂ", "ක්\u200dෂ"),
    ],
)
def test_parse_form_unseen_marks_are_taken_away(field: str, typed: str, expected: str) -> None:
    assert getattr(parse_form(GOOD | {field: typed}), field) == expected


@pytest.mark.parametrize(
    "mobile", ["+47 49 12 34 56", "+47 60 12 34 56", "02800", "+46 70 000 00 01", "+1 555 555 5555"]
)
def test_parse_form_possible_mobile_is_enough(mobile: str) -> None:
    assert parse_form(GOOD | {"email": None, "mobile": mobile}).mobile


@pytest.mark.parametrize("mobile", ["12", "abc", "+47 1", "912 34 567 890 123", "x" * 40, "--"])
def test_parse_form_mobile_beside_email_never_stops(mobile: str) -> None:
    assert parse_form(GOOD | {"mobile": mobile}).mobile is None


@pytest.mark.parametrize(
    ("language", "languages", "expected"),
    [
        ("no", ["nb-NO"], ("nb", ("nb",))),
        ("nb-NO", ["no"], ("nb", ("no",))),
        ("nn_NO", ["nn-NO", "en-GB"], ("nn", ("nn", "en"))),
        ("EN", ["EN-us"], ("en", ("en",))),
        ("nb", ["zh-Hant-TW", "zh"], ("nb", ("zh",))),
    ],
)
def test_parse_form_language_tags_are_understood(
    language: str, languages: list[str], expected: tuple[str, tuple[str, ...]]
) -> None:
    form = parse_form(GOOD | {"language": language, "languages": languages})
    assert (form.language, form.languages) == expected


def test_form_invalid_never_repeats_input() -> None:
    with pytest.raises(FormInvalid) as raised:
        parse_form(GOOD | {"email": "hemmelig@@example", "hemmelig": 1})
    assert "hemmelig" not in str(raised.value)


REQUIREMENTS = Requirements(consent_version="1", information_version="1", reading=True, talk=False)


def test_requirement_errors_outdated_and_unread_texts() -> None:
    form = parse_form(GOOD | {"consent_version": "0"})
    codes = {error.field: error.code for error in requirement_errors(form, REQUIREMENTS, frozenset({"nb"}))}
    assert codes == {"consent_version": "outdated", "information_version": "unread"}
    assert requirement_errors(parse_form(GOOD | {"information_version": "1"}), REQUIREMENTS, frozenset({"nb"})) == ()
    assert requirement_errors(parse_form(GOOD), REQUIREMENTS, frozenset({"nb"}), oral=True) == ()
    errors = requirement_errors(parse_form(GOOD | {"information_version": "0"}), REQUIREMENTS, frozenset({"en"}))
    assert {e.field: e.code for e in errors} == {"information_version": "outdated", "languages": "not_a_choice"}


def test_canonical_email_is_same_for_all_spellings() -> None:
    assert canonical_email("Kari@Example.ORG") == canonical_email("kari@example.org")
    for email in ("kari@blåbær.no", "KARI@xn--blbr-roah.no", "Kari@Blåbær.NO"):
        tidy = parse_form(GOOD | {"email": email}).email
        assert tidy is not None
        assert canonical_email(email) == canonical_of_normalized(tidy) == "kari@blåbær.no"


@pytest.mark.asvs("2.2.1")
@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "why"]), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()))
    )
)
def test_parse_form_any_input_parses_or_raises_form_invalid(raw: dict[str, Any]) -> None:
    try:
        form = parse_form(GOOD | raw)
    except FormInvalid:
        return
    assert form.first_name.strip()
    assert form.email or form.mobile
