"""What a sign-up must say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.form import Asks, FormInvalid, index_form, index_form_of_tidy, read, shortcomings

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


def refusals(**changes: Any) -> dict[str, str]:
    with pytest.raises(FormInvalid) as refused:
        read({name: value for name, value in (GOOD | changes).items() if value is not ...})
    return {error.field: error.code for error in refused.value.errors}


def test_a_good_form_is_read_and_tidied() -> None:
    form = read(GOOD | {"first_name": "  Ka\u0301ri \u00a0 Nordmann", "mobile": "912 34 567", "slots": ["tue-day"] * 3})
    assert (form.first_name, form.mobile, form.slots) == ("Kári Nordmann", "+4791234567", ("tue-day",))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": None, "mobile": None}, {"email": "contact_missing"}),
        ({"email": "", "mobile": ""}, {"email": "contact_missing"}),
        ({"email": "kari"}, {"email": "email_invalid"}),
        ({"email": "a@example.org, b@example.org"}, {"email": "email_invalid"}),
        ({"mobile": "12"}, {"mobile": "mobile_invalid"}),
        ({"email": "kari", "mobile": None}, {"email": "email_invalid"}),
        ({"first_name": ...}, {"first_name": "missing"}),
        ({"first_name": "   "}, {"first_name": "missing"}),
        ({"first_name": "x" * 101}, {"first_name": "too_long"}),
        ({"first_name": "a\x00b"}, {"first_name": "control_character"}),
        ({"first_name": "a\nb"}, {"first_name": "control_character"}),
        ({"first_name": "a\u202eb"}, {"first_name": "control_character"}),
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
def test_what_is_wrong_is_said_all_at_once(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected == refusals(**changes)


def test_one_way_to_be_reached_is_enough() -> None:
    assert read(GOOD | {"email": None}).mobile
    assert read({name: value for name, value in GOOD.items() if name != "mobile"}).email


def test_names_of_the_world_are_names() -> None:
    for name in ("Bjørn-Åge", "Đurđa", "محمد", "Nguyễn", "O'Brien", "می\u200cشا"):
        assert name == read(GOOD | {"first_name": name}).first_name


def test_a_refusal_never_repeats_what_was_typed() -> None:
    with pytest.raises(FormInvalid) as refused:
        read(GOOD | {"email": "hemmelig@@example", "hemmelig": 1})
    assert "hemmelig" not in str(refused.value)


ASKS = Asks(consent_version="1", information_version="1", reading=True, talk=False)


def test_the_centre_s_texts_must_be_the_ones_in_force() -> None:
    form = read(GOOD | {"consent_version": "0"})
    codes = {error.field: error.code for error in shortcomings(form, ASKS, frozenset({"nb"}))}
    assert codes == {"consent_version": "outdated", "information_version": "unread"}
    assert shortcomings(read(GOOD | {"information_version": "1"}), ASKS, frozenset({"nb"})) == ()
    assert shortcomings(read(GOOD), ASKS, frozenset({"nb"}), oral=True) == ()
    late = shortcomings(read(GOOD | {"information_version": "0"}), ASKS, frozenset({"en"}))
    assert {e.field: e.code for e in late} == {"information_version": "outdated", "languages": "not_a_choice"}


def test_an_address_has_one_spelling() -> None:
    assert index_form("Kari@Example.ORG") == index_form("kari@example.org")
    for email in ("kari@blåbær.no", "KARI@xn--blbr-roah.no", "Kari@Blåbær.NO"):
        tidy = read(GOOD | {"email": email}).email
        assert tidy is not None
        assert index_form(email) == index_form_of_tidy(tidy) == "kari@blåbær.no"


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "why"]), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()))
    )
)
def test_anything_else_is_refused_and_never_fails(raw: dict[str, Any]) -> None:
    try:
        form = read(GOOD | raw)
    except FormInvalid:
        return
    assert form.first_name.strip()
    assert form.email or form.mobile
