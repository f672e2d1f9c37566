"""Centres: four consistent presets, and an installation's file whose faults are reported in plain words."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.reference import areas, centres, places, texts
from shared.reference.policy import DECISIONS, Policy, Span

PRESETS = centres.load()
VERSIONS = {"consent_version": "2026-11-1", "information_version": "2026-11-1"}


def preset(centre_id: str) -> centres.Centre:
    centre = PRESETS.get(centre_id)
    assert centre
    return centre


def own(**changes: Any) -> dict[str, Any]:
    """Return a valid centre of an installation, with some changes."""
    place = {
        "id": "nord-1",
        "name": "Tromsø",
        "kommune": "5501",
        "latitude": 69.65,
        "longitude": 18.96,
        "step_free": True,
    }
    area = {"id": "nord", "name": "Tromsø", "kommuner": ["5501"], "places": [place]}
    centre = {
        "id": "link-nord",
        "name": "LINK Nord",
        "areas": [area],
        "policy": {"version": "2026-12-1", **VERSIONS},
        "meeting_place": {"nb": "Her", "nn": "Her", "en": "Here"},
    }
    return centre | changes


def load(folder: Path, content: Any) -> centres.Centres:
    path = folder / "own.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return centres.load(path)


def fault(folder: Path, content: Any) -> str:
    with pytest.raises(centres.InstallationError) as caught:
        load(folder, content)
    return str(caught.value)


def test_presets_are_four() -> None:
    assert {centre.id for centre in PRESETS.all} == {"selvhjelp-norge", "link-bergen", "link", "link-oslo"}
    assert preset("link-oslo").kommuner == ("0301",)
    assert len(preset("link-bergen").kommuner) == 7
    assert PRESETS.get("link-mars") is None


def test_presets_cover_each_kommune_once_without_svalbard() -> None:
    covered = [kommune for centre in PRESETS.all for kommune in centre.kommuner]
    assert len(covered) == len(set(covered)) == 357
    assert set(covered) == set(places.load().kommuner) - places.UNCOVERED
    assert PRESETS.by_kommune("2100") is None


@given(st.sampled_from([(centre, area) for centre in PRESETS.all for area in centre.areas]))
def test_every_area_is_found_and_has_meeting_places(pair: tuple[centres.Centre, areas.Area]) -> None:
    _, area = pair
    assert PRESETS.area(area.id) == pair
    assert all(PRESETS.by_kommune(kommune) == (pair[0], area.part_in(kommune)) for kommune in area.kommuner)
    for place in area.places:
        kommune = places.load().kommuner[place.kommune]
        assert places.distance_km(place.latitude, place.longitude, kommune.latitude, kommune.longitude) < 25
        assert area.place(place.id) == place


def test_meeting_place_ids_are_unique() -> None:
    ids = [place.id for centre in PRESETS.all for area in centre.areas for place in area.places]
    assert len(ids) == len(set(ids))


def test_bergen_has_one_meeting_place_per_kommune() -> None:
    (area,) = preset("link-bergen").areas
    assert sorted(place.kommune for place in area.places) == sorted(area.kommuner)


def test_policies_agree_with_published_texts() -> None:
    oslo, bergen, link, norge = (
        preset(centre_id).policy for centre_id in ("link-oslo", "link-bergen", "link", "selvhjelp-norge")
    )
    assert (oslo.reading_gate, oslo.starter_meetings, oslo.followup_after_solo) == (
        "required",
        Span(min=1, max=1),
        Span(min=3, max=4),
    )
    assert (oslo.kontaktmote, oslo.post_handover_memory) == ("all_active_groups", "sealed_alias")
    assert (bergen.size_min, bergen.size_max, bergen.forsamtale, bergen.reopen_rule) == (5, 8, "offered", "never")
    assert (link.group_term, link.starter_meetings) == ("samtalegruppe", Span(min=2, max=5))
    assert (link.reopen_rule, link.leave_notice) == ("participants_decide", "tell_group_in_last_meeting")
    assert (norge.starters_min, norge.confidentiality, norge.reopen_rule) == (0, "signed", "never")
    assert [policy.seat_confirmation for policy in (oslo, bergen, link, norge)] == [True, True, True, False]


@pytest.mark.parametrize("centre", PRESETS.all, ids=lambda centre: centre.id)
def test_policy_undecided_key_has_system_default(centre: centres.Centre) -> None:
    assert centre.policy.undecided
    for key in centre.policy.undecided:
        assert getattr(centre.policy, key) == Policy.model_fields[key].default


def test_policy_decided_default_is_not_undecided() -> None:
    assert {"size_min", "size_max"} <= preset("link-oslo").policy.undecided
    assert not {"size_min", "size_max"} & preset("link-bergen").policy.undecided


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_hours_without_one_language_are_refused(tmp_path: Path, language: str) -> None:
    hours = {"nb": "tirsdag", "nn": "tysdag", "en": "Tuesday"}
    (centre,) = load(tmp_path, {"keep": [], "centres": [own(hours=hours, phone="00 00 00 00")]}).all
    assert centre.phone_hours(language) == hours[language]
    assert centre.model_copy(update={"phone": None}).phone_hours(language) == ""
    del hours[language]
    (tmp_path / "without").mkdir()
    assert f"has no text in {language}" in fault(tmp_path / "without", {"keep": [], "centres": [own(hours=hours)]})


def test_preset_contacts_are_invented() -> None:
    for centre in PRESETS.all:
        assert centre.phone in (None, "00 00 00 00")
        assert centre.email is None or centre.email.endswith(".example")
        assert centre.website is None or centre.website.endswith(".example")


def test_place_text_names_the_place_in_every_language() -> None:
    for language in ("nb", "nn", "en"):
        assert preset("link-bergen").place_text("bergen-alver", language).startswith("Knarvik. ")
    assert preset("link-bergen").place_text("elsewhere", "nb") == preset("link-bergen").meeting_place["nb"]


def test_own_centre_is_added_and_takes_its_kommuner(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"centres": [own()]})
    pair = loaded.by_kommune("5501")
    assert pair
    assert pair[0].id == "link-nord"
    assert len({kommune for centre in loaded.all for kommune in centre.kommuner}) == 357
    assert pair[0].policy.undecided == frozenset(DECISIONS)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_in_language_translates_default_text_only(language: str) -> None:
    bergen = preset("link-bergen")

    assert bergen.in_language(bergen.place_text("bergen-alver", "nb"), language) == bergen.place_text(
        "bergen-alver", language
    )
    assert bergen.in_language("Biblioteket, rom 2", language) == "Biblioteket, rom 2"


def test_own_centre_replaces_preset_with_its_id(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"centres": [own(id="link-oslo")]})
    oslo, replaced = loaded.by_kommune("0301"), loaded.get("link-oslo")
    assert oslo
    assert replaced
    assert oslo[0].id == "selvhjelp-norge"
    assert replaced.name == "LINK Nord"


def test_keep_drops_other_presets(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"keep": [], "centres": [own()]})
    assert [centre.id for centre in loaded.all] == ["link-nord"]
    assert loaded.by_kommune("0301") is None


def test_readme_example_loads(tmp_path: Path) -> None:
    readme = Path(centres.__file__).with_name("data") / "README.md"
    example = readme.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    loaded = load(tmp_path, example.replace("helplines: []", ""))
    assert [centre.id for centre in loaded.all] == ["selvhjelp-norge", "link-nord"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": None}, "own.yaml: centre link-nord: name: must be text"),
        ({"colour": "red"}, "centre link-nord: colour: is not a key that is known here"),
        ({"email": "post"}, "email: is not written in the right form"),
        ({"meeting_place": {"nb": "Her"}}, "meeting_place: has no text in nn, en"),
        ({"policy": {"version": "2026-12-1"}}, "policy, consent_version: is missing"),
        ({"policy": {"version": "2026-12-1", "consent_version": "1"}}, "there is no consent text of version 1"),
        ({"policy": {"version": "2026-12-1", **VERSIONS, "size_min": 9}}, "size_min must not be above size_max"),
        ({"policy": {"version": "2026-12-1", **VERSIONS, "size_min": 2}}, "policy, size_min: must be 3 or more"),
        (
            {"policy": {"version": "2026-12-1", **VERSIONS, "forsamtale": "maybe"}},
            "must be 'off', 'offered' or 'required'",
        ),
        (
            {"policy": {"version": "2026-12-1", "consent_version": "2026-11-1", "reading_gate": "required"}},
            "information_version must be set",
        ),
        ({"policy": {"version": "2026-12-1", **VERSIONS, "wishes": ["smokers"]}}, "must be 'women', 'men' or 'young'"),
        (
            {"policy": {"version": "2026-12-1", **VERSIONS, "wishes": ["women"]}},
            "the policy offers wishes, that consent text 2026-11-1 does not name",
        ),
        ({"every_other_kommune": "ja"}, "every_other_kommune must be true or false"),
        ({"areas": []}, "areas: must not be empty"),
    ],
)
def test_fault_in_centre_is_reported_in_plain_words(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    message = fault(tmp_path, {"centres": [own(**changes)]})
    assert said in message
    assert "pydantic" not in message.lower()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("centres: [", "is not valid YAML near line"),
        ("", "must have one or more of centres, helplines, ways_on, keep"),
        ({"centers": []}, "centers is not known here"),
        ({"centres": {}}, "centres must be a list"),
        ({"centres": ["link"]}, "centres, number 1: must be a set of keys and values"),
        ({"keep": ["link-mars"]}, "keep names link-mars, which this system does not ship with"),
        ({"centres": [own(), own(id="link-nord-2")]}, "area nord is used twice, by link-nord and link-nord-2"),
    ],
)
def test_fault_in_file_is_reported_in_plain_words(tmp_path: Path, content: Any, said: str) -> None:
    assert said in fault(tmp_path, content)


def test_own_centre_with_kommune_of_kept_preset_fails(tmp_path: Path) -> None:
    area = own()["areas"][0]
    area["kommuner"] = ["5501", "4601", "9999"]
    message = fault(tmp_path, {"centres": [own(areas=[area])]})
    assert "kommune 4601 is used twice, by link-bergen and link-nord" in message
    assert "area nord: there is no kommune 9999" in message


def test_missing_file_raises_installation_error(tmp_path: Path) -> None:
    with pytest.raises(centres.InstallationError, match=r"none\.yaml: cannot be read"):
        centres.load(tmp_path / "none.yaml")


def test_centres_are_immutable() -> None:
    with pytest.raises(ValidationError):
        preset("link").policy.size_min = 4  # type: ignore[misc]


def test_policy_survives_json() -> None:
    for centre in PRESETS.all:
        assert Policy.model_validate_json(centre.policy.model_dump_json()) == centre.policy
        assert texts.information(centre.policy, "nb", centre.name)


@pytest.mark.parametrize("name", ["draft_minutes", "quiet_minutes"])
def test_policy_stored_under_old_name_keeps_draft_minutes(name: str) -> None:
    shipped = centres.load().all[0].policy.model_dump(mode="json")
    del shipped["draft_minutes"]

    assert Policy.model_validate(shipped | {name: 45}).draft_minutes == 45


def near(folder: Path, km: int, place: str) -> list[tuple[str, float]]:
    """Return the centres that accept people from a place, when LINK Nord in Tromsø accepts within ``km``."""
    own_centres = load(folder, {"keep": ["link-bergen"], "centres": [own(accepts_within_km=km)]})
    match places.load().find(place):
        case places.Found(found):
            return [(nearby.centre.id, nearby.km) for nearby in own_centres.nearest_centres(found)]
    raise AssertionError(place)


@pytest.mark.parametrize(
    ("place", "km", "accepted"),
    [
        ("Karlsøy kommune, Troms", 60, True),
        ("Balsfjord kommune, Troms", 60, True),
        ("Senja kommune, Troms", 20, False),
        ("Senja kommune, Troms", 100, True),
        ("Lyngen kommune, Troms", 500, True),
        ("Oslo kommune", 500, False),
        ("Karlsøy kommune, Troms", 0, False),
    ],
)
def test_nearest_centres_of_a_place_depend_on_the_limit(tmp_path: Path, place: str, km: int, accepted: bool) -> None:
    found = near(tmp_path, km, place)
    assert [centre_id for centre_id, _ in found] == (["link-nord"] if accepted else [])
    assert all(0 < distance <= km for _, distance in found)


def test_nearest_centres_leave_out_the_one_that_covers_the_place(tmp_path: Path) -> None:
    assert near(tmp_path, 500, "Tromsø kommune, Troms") == []


def test_nearest_centres_come_in_order_of_distance(tmp_path: Path) -> None:
    harstad = {
        **own(accepts_within_km=500),
        "id": "a",
        "areas": [{**own()["areas"][0], "id": "a", "kommuner": ["5503"]}],
    }
    harstad["areas"][0]["places"] = [
        {**own()["areas"][0]["places"][0], "id": "a-1", "kommune": "5503", "latitude": 68.8}
    ]
    own_centres = load(tmp_path, {"keep": [], "centres": [harstad, own(accepts_within_km=500)]})
    match places.load().find("Lyngen kommune, Troms"):
        case places.Found(found):
            nearby = own_centres.nearest_centres(found)
    assert [other.centre.id for other in nearby] == ["link-nord", "a"]
    assert nearby[0].area.id == "nord"


WIDE = "selvhjelp-norge-landet"


@pytest.mark.parametrize("number", ["3201", "3203", "1103", "5501", "4204", "1804"])
def test_rest_of_country_is_one_area_with_a_part_for_each_kommune(number: str) -> None:
    centre, part = PRESETS.by_kommune(number) or pytest.fail(number)
    assert (part.id, part.name) == (f"kommune-{number}", places.load().kommuner[number].name)
    for id_ in (part.id, WIDE):
        assert PRESETS.area(id_) == (centre, centre.areas[0])
    assert PRESETS.part(part.id) == (centre, part)
    assert PRESETS.part(WIDE) == (centre, centre.areas[0])
    assert centre.areas[0].part_in(number) is part
    assert all(centre.areas[0].part_of_place(place.id) is part for place in part.places)
    assert PRESETS.former_ids()[part.id] == WIDE


@pytest.mark.parametrize("outside", ["0301", "4601", "5001", "4627", "5035", "4631"])
def test_part_of_a_kommune_outside_is_the_nearest(outside: str) -> None:
    area = preset("selvhjelp-norge").areas[0]
    kommuner = places.load().kommuner
    here, there = kommuner[outside], area.part_in(outside).places[0]
    best = min(
        places.distance_km(here.latitude, here.longitude, place.latitude, place.longitude) for place in area.places
    )
    assert places.distance_km(here.latitude, here.longitude, there.latitude, there.longitude) == best
    assert outside in (area.kommuner_near(area.part_in(outside)) or ())


def test_own_areas_of_a_centre_for_the_rest_become_parts(tmp_path: Path) -> None:
    """An installation's file goes on naming them; people on both sides of their borders can meet."""
    own_centres = load(tmp_path, {"keep": [], "centres": [own(every_other_kommune=True)]})
    (area,) = own_centres.all[0].areas
    assert (area.id, area.is_wide) == ("link-nord-landet", True)
    assert own_centres.area("nord") == (own_centres.all[0], area)
    assert own_centres.area("kommune-5501") == (own_centres.all[0], area)
    tromso = own_centres.by_kommune("5501")
    assert tromso
    assert (tromso[1].id, tromso[1].name) == ("nord", "Tromsø")
    assert own_centres.part("kommune-5501") == tromso
    assert len(area.kommuner) == 357


def test_areas_of_a_centre_without_the_rest_stay_apart() -> None:
    assert not any(area.is_wide for centre in PRESETS.all for area in centre.areas if centre.id != "selvhjelp-norge")
