"""Places: a search for the names that people use, with choices for ambiguous ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference import centres, places

REGISTER = places.load()
EVERY_PLACE = sorted(
    {place for found in REGISTER._names.values() for place in found}, key=lambda place: places.sort_key(place.label)
)
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def found(text: str) -> places.Place:
    answer = REGISTER.find(text)
    assert isinstance(answer, places.Found), answer
    return answer.place


def labels(text: str) -> list[str]:
    answer = REGISTER.find(text)
    assert isinstance(answer, places.Choices), answer
    return [place.label for place in answer.places]


def test_find_code_town_and_bydel_give_the_same_centre() -> None:
    covered = {text: centres.load().by_kommune(found(text).kommune) for text in ("5003", "Bergen", "Årstad")}
    assert {pair and pair[0].id for pair in covered.values()} == {"link-bergen"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Arstad", "Årstad"),
        ("AARSTAD", "Årstad"),
        ("  årstad ", "Årstad"),
        ("A\u030arstad", "Årstad"),
        ("Tromsoe", "Tromsø"),
        ("Tromsö", "Tromsø"),
        ("st.hanshaugen", "St. Hanshaugen"),
        ("Grunerlokka", "Grünerløkka"),
        ("bydel Fana", "Fana"),
        ("Bergen kommune", "Bergen"),
        ("Molde", "Molde"),
        ("Karasjohka", "Karasjok"),
        ("Laerdal", "Lærdal"),
        ("Lardal", "Lærdal"),
        ("5003 Bergen", "Bergen"),
        ("Oslo 0150", "Oslo"),
        ("N-5003", "Bergen"),
    ],
)
def test_find_ignores_capitals_accents_and_punctuation(written: str, name: str) -> None:
    assert found(written).name == name


@pytest.mark.parametrize("text", ["Nes", "Våler", "Herøy", "Os", "Bø", "Sande", "Frogner"])
def test_find_ambiguous_name_returns_choices_with_fylke(text: str) -> None:
    choices = labels(text)
    assert len(choices) == len(set(choices)) > 1
    assert all("," in choice and "kommune" in choice for choice in choices)


def test_find_name_with_kommune_returns_the_kommune() -> None:
    assert len(labels("Nes")) == 3
    assert found("Nes kommune").label == "Nes kommune, Akershus"


@pytest.mark.parametrize(
    "text", ["", " ", "xyzzy", "Malmö", "50031", "å", "🙂", "\x00", "Bergen, men ikke helt", "a" * 10_000]
)
def test_find_nonsense_is_unknown(text: str) -> None:
    assert REGISTER.find(text) == places.Unknown()


@pytest.mark.parametrize("code", ["0999", "9999"])
def test_find_code_outside_register_is_unknown_code(code: str) -> None:
    assert REGISTER.find(code) == places.UnknownCode(code)


@given(st.text(max_size=60))
def test_find_any_text_returns_an_answer(text: str) -> None:
    assert isinstance(REGISTER.find(text), places.Found | places.Choices | places.UnknownCode | places.Unknown)


@given(st.sampled_from(EVERY_PLACE))
def test_find_shown_label_returns_the_same_place(place: places.Place) -> None:
    assert found(place.label) == place
    assert found(place.label.upper()) == place


@given(st.sampled_from(sorted(REGISTER._codes)))
def test_postal_code_every_code_lies_in_norway(code: str) -> None:
    place = found(code)
    assert place.kommune in REGISTER.kommuner
    assert 57 <= place.latitude <= 81
    assert found(place.label) == place


def test_postal_code_in_oslo_has_several_points() -> None:
    south, north = found("1256"), found("0985")
    assert places.distance_km(south.latitude, south.longitude, north.latitude, north.longitude) > 10


def test_kommuner_are_357_and_two_uncovered_areas() -> None:
    assert len(set(REGISTER.kommuner) - places.UNCOVERED) == 357
    assert REGISTER.kommune("4601") == found("Bergen")
    assert REGISTER.kommune("9999") is None
    assert found("Longyearbyen").kommune in places.UNCOVERED


def test_sort_key_puts_ae_oe_and_aa_last() -> None:
    names = ["Åse", "Zoe", "Øystein", "ærlend", "Anne"]
    assert sorted(names, key=places.sort_key) == ["Anne", "Zoe", "ærlend", "Øystein", "Åse"]
    kommuner = [kommune.name for kommune in REGISTER.kommuner.values()]
    assert kommuner == sorted(kommuner, key=places.sort_key)


def test_distance_km_oslo_bergen_is_as_measured() -> None:
    oslo, bergen = found("Oslo kommune"), found("Bergen")
    assert places.distance_km(oslo.latitude, oslo.longitude, bergen.latitude, bergen.longitude) == pytest.approx(
        305, abs=3
    )


@given(POINTS, POINTS, POINTS)
def test_distance_km_is_a_metric(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert places.distance_km(*a, *a) == 0
    assert places.distance_km(*a, *b) == pytest.approx(places.distance_km(*b, *a), abs=1e-6)
    assert 0 <= places.distance_km(*a, *b) <= 20_016
    assert places.distance_km(*a, *c) <= places.distance_km(*a, *b) + places.distance_km(*b, *c) + 1e-3


def test_inhabitants_cover_every_kommune_and_towns_lead() -> None:
    inhabitants = places.inhabitants()
    assert set(inhabitants) == set(REGISTER.kommuner) - places.UNCOVERED
    assert sorted(inhabitants, key=lambda number: -inhabitants[number])[:3] == ["0301", "4601", "5001"]
    assert min(inhabitants.values()) >= 1_000
    assert 4_000_000 < sum(inhabitants.values()) < 6_000_000


@pytest.mark.parametrize(
    "written",
    [
        "5003Bergen",
        "5 003",
        "50 03",
        "5.003",
        "Storgata 5, 5003",
        "Storgata 5,5003 Bergen",
        "Bergen5003",
        "\uff15\uff10\uff10\uff13",
        "\u0665\u0660\u0660\u0663",
        "\u206650\u200b03\u2069",
        "N-5003",
        "NO-5003 BERGEN",
        "(5003)",
        "5003, Norge",
        "Strandgaten 1999, 5003 Bergen",
        "5 003 Bergen",
    ],
)
def test_find_code_wherever_it_stands(written: str) -> None:
    assert found(written).label == "5003 Bergen"


@pytest.mark.parametrize("written", ["50031", "12345678", "5-0-0", "500", "5 0 0 3 1", "Storgata 5"])
def test_find_other_numbers_are_no_code(written: str) -> None:
    assert REGISTER.find(written) == places.Unknown()


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Våler (Østfold)", "Våler kommune, Østfold"),
        ("Våler (Innlandet)", "Våler kommune, Innlandet"),
        ("våler(østfold)", "Våler kommune, Østfold"),
        ("Våler, Østfold", "Våler kommune, Østfold"),
        ("Våler i Østfold", "Våler i Østfold, Våler kommune, Østfold"),
        ("Herøy (Nordland)", "Herøy kommune, Nordland"),
        ("Herøy [Møre og Romsdal]", "Herøy kommune, Møre og Romsdal"),
        ("Nes (Akershus fylke)", "Nes kommune, Akershus"),
        ("Bergen (Vestland)", "Bergen kommune, Vestland"),
    ],
)
def test_find_official_name_with_fylke(written: str, label: str) -> None:
    assert found(written).label == label


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Karasjok - Kárášjohka", "Karasjok"),
        ("Kárášjohka – Karasjok", "Karasjok"),
        ("Kautokeino/Guovdageaidnu", "Kautokeino"),
        ("Guovdageaidnu-Kautokeino", "Kautokeino"),
        ("Porsanger - Porsáŋgu - Porsanki", "Porsanger"),
        ("Porsáŋgu / Porsanki", "Porsanger"),
        ("Trondheim – Tråante", "Trondheim"),
        ("Gáivuotna – Kåfjord – Kaivuono", "Kåfjord"),
        ("Nord-Aurdal", "Nord-Aurdal"),
        ("Nord – Aurdal", "Nord-Aurdal"),
    ],
)
def test_find_name_in_several_languages(written: str, name: str) -> None:
    assert found(written).name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [("Sommarøya", "Sommarøy"), ("Storforsheia", "Storforsheia"), ("Charlottenlund", "Charlottenlund")],
)
def test_find_name_in_definite_form(written: str, name: str) -> None:
    assert found(written).name == name


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("bergn", "Bergen kommune, Vestland"),
        ("Begren", "Bergen kommune, Vestland"),
        ("Trondhem", "Trondheim kommune, Trøndelag"),
        ("stavangr", "Stavanger kommune, Rogaland"),
        ("Tromsö by", "Tromsø kommune, Troms"),
        ("Krisitansand", "Kristiansand kommune, Agder"),
        ("5001", None),
        ("9999", "9990 Båtsfjord"),
    ],
)
def test_suggestions_name_what_may_be_meant(written: str, label: str | None) -> None:
    suggested = [place.label for place in REGISTER.suggestions(written)]
    assert 0 < len(suggested) <= places.SUGGESTIONS
    assert label is None or label in suggested


@given(st.text(max_size=60))
def test_suggestions_any_text_are_few_and_found(text: str) -> None:
    for place in REGISTER.suggestions(text):
        assert isinstance(REGISTER.find(place.label), places.Found)


@pytest.mark.parametrize(
    "label", [place.label for place in EVERY_PLACE if " i " in place.label or " på " in place.label]
)
def test_find_label_with_a_location_in_its_name(label: str) -> None:
    assert found(label).label == label


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Deatnu Tana", "5628"),
        ("Tana Deatnu", "5628"),
        ("Gáivuotna Kåfjord", "5540"),
        ("Kárášjohka Karasjok", "5610"),
        ("Storfjord Omasvuotna", "5538"),
        ("Hamarøy Hábmer", "1875"),
        ("Våler - Østfold", "3114"),
        ("Våler Innlandet", "3419"),
        ("Herøy / Nordland", "1818"),
        ("Nes Akershus", "3228"),
        ("i Bergen", "4601"),
        ("ved Kautokeino", "5612"),
        ("Bergen, Norge", "4601"),
        ("Bodø (Norway)", "1804"),
        ("utenfor Trondheim, Norge", "5001"),
    ],
)
def test_find_names_side_by_side_and_words_around(text: str, number: str) -> None:
    answer = places.load().find(text)
    assert isinstance(answer, places.Found)
    assert answer.place.kommune == number


@pytest.mark.parametrize("text", ["Bergen Oslo", "Sandnes Bergen", "Tana Karasjok", "Norge", "i", "ved norge"])
def test_find_names_that_do_not_meet_is_no_place(text: str) -> None:
    assert not isinstance(places.load().find(text), places.Found)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Bergen sentrum", "Bergen kommune, Vestland"),
        ("Bergen (sentrum)", "Bergen kommune, Vestland"),
        ("Trondheim by", "Trondheim kommune, Trøndelag"),
        ("Sandvika sentrum", "Sandvika, Bærum kommune, Akershus"),
        ("Oslo vest", "Oslo kommune"),
        ("Stavangerområdet", "Stavanger kommune, Rogaland"),
        ("Bergen og omegn", "Bergen kommune, Vestland"),
        ("jeg bor i bergen", "Bergen kommune, Vestland"),
        ("i nærheten av Hamar", "Hamar kommune, Innlandet"),
        ("like utenfor Oslo", "Oslo kommune"),
        ("rundt Tromsø", "Tromsø kommune, Troms"),
        ("near Oslo", "Oslo kommune"),
        ("close to Trondheim city", "Trondheim kommune, Trøndelag"),
        ("Bergen\tsentrum\n", "Bergen kommune, Vestland"),
        ("Oslo sentrum", "Oslo kommune"),
        ("Kristiansand S", "Kristiansand S, Kristiansand kommune, Agder"),
        ("Kr.sand", "Kristiansand kommune, Agder"),
        ("tr.heim", "Trondheim kommune, Trøndelag"),
        ("Kr.sund", "Kristiansund kommune, Møre og Romsdal"),
        ("Trondhjem", "Trondheim kommune, Trøndelag"),
        ("Fr.stad", "Fredrikstad kommune, Østfold"),
    ],
)
def test_find_a_part_or_the_surroundings_of_a_place(text: str, label: str) -> None:
    assert found(text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Våler (Hedmark)", "Våler kommune, Innlandet"),
        ("Våler, Viken", "Våler kommune, Østfold"),
        ("Os, Hordaland", "Os, Bjørnafjorden kommune, Vestland"),
        ("Herøy (M. og R.)", "Herøy kommune, Møre og Romsdal"),
        ("Sande (M&R)", "Sande kommune, Møre og Romsdal"),
        ("Tana (Troms og Finnmark)", "Tana kommune, Finnmark"),
        ("Kristiansand, Vest-Agder, Norge", "Kristiansand kommune, Agder"),
        ("Sogndal (Sogn og Fjordane)", "Sogndal kommune, Vestland"),
    ],
)
def test_find_name_with_former_fylke(text: str, label: str) -> None:
    assert found(text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Majorstua, Oslo", "Oslo kommune"),
        ("Sandviken (Bergen)", "Bergen kommune, Vestland"),
        ("Lade i Trondheim", "Trondheim kommune, Trøndelag"),
        ("Storgata 5, Bergen", "Bergen kommune, Vestland"),
        ("Storgata 5 B, Bergen, Norge", "Bergen kommune, Vestland"),
        ("Røa, Oslo", "Oslo kommune"),
        ("Postboks 1011 Bergen", "Bergen kommune, Vestland"),
        ("Postboks 1011, 5804 Bergen", "5804 Bergen"),
        ("P.O. Box 1152 Sentrum, 0107 Oslo", "0107 Oslo"),
        ("0107 Oslo, Pb. 1152", "0107 Oslo"),
        ("5003 Bergen, leil. 2013", "5003 Bergen"),
        ("0001", "0001 Oslo"),
        ("9990", "9990 Båtsfjord"),
    ],
)
def test_find_address_is_the_place_around_it(text: str, label: str) -> None:
    assert found(text).label == label


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Asker og Bærum", ["Asker", "Bærum"]),
        ("Oslo eller Bergen", ["Oslo", "Bergen"]),
        ("Kongsberg el. Drammen", ["Kongsberg", "Drammen"]),
        ("Skien & Porsgrunn", ["Skien", "Porsgrunn"]),
        ("Moss, Oslo", ["Moss", "Oslo"]),
    ],
)
def test_find_two_places_asks_which(text: str, names: list[str]) -> None:
    assert [label.partition(" ")[0] for label in labels(text)] == names
    assert found("Nore og Uvdal").name == "Nore og Uvdal"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Røa", "Roa, Lunner kommune, Akershus"),
        ("Finnmark", "Alta kommune, Finnmark"),
        ("Oppland", "Ringsaker kommune, Innlandet"),
        ("Hedmark", "Hamar kommune, Innlandet"),
        ("Trøndelag fylke", "Trondheim kommune, Trøndelag"),
        ("Nord-Norge", "Tromsø kommune, Troms"),
        ("Vestlandet", "Bergen kommune, Vestland"),
        ("bergen sentrun", "Bergen kommune, Vestland"),
        ("Stavanger sentrum, Rogaland", "Stavanger kommune, Rogaland"),
        ("101", "0101 Oslo"),
        ("050 03", "5003 Bergen"),
        ("50031", "5003 Bergen"),
    ],
)
def test_find_what_may_be_meant_is_asked_for(text: str, label: str) -> None:
    assert isinstance(REGISTER.find(text), places.Unknown)
    assert label in [place.label for place in REGISTER.suggestions(text)]
