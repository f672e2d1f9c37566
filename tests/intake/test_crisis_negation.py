"""Negated wishes and words of self-harm, both ways: a wish not to die is no danger, a wish not to live is."""

import pytest

from intake.domain.crisis import is_acute

NOT_LIVING = {
    "nb": [
        "jeg vil ikke leve",
        "jeg ønsker ikke å leve lenger",
        "jeg vil ikke leve mer",
        "jeg har ikke lyst til å leve",
        "jeg vil egentlig ikke leve",
        "jeg orker ikke leve",
        "jeg vil ikke leve sånn",
        "jeg har ikke lyst til å leve lenger",
        "jeg vil ikke dø, jeg vil ta livet mitt",
        "jeg har lyst til å dø",
        "jeg vil dø, ikke leve",
        "jeg vil ikke bare være trist, jeg vil dø",
    ],
    "nn": [
        "eg vil ikkje leve",
        "eg vil ikkje leve meir",
        "eg ønskjer ikkje å leve",
        "eg har ikkje lyst til å leve",
        "eg orkar ikkje leve",
        "eg vil slett ikkje leve",
        "eg ønsker ikkje å leva lenger",
        "eg klarar ikkje leve meir",
    ],
    "en": [
        "I don't want to live",
        "I do not want to live anymore",
        "I dont wanna live",
        "I really don't want to live",
        "I no longer want to live",
        "I don't want to be alive",
        "I have no wish to live",
        "I don't feel like living anymore",
    ],
    "pl": [
        "nie chcę żyć",
        "nie chce żyć",
        "już nie chcę żyć",
        "nie mam siły żyć",
        "nie chcę dłużej żyć",
        "naprawdę nie chcę żyć",
        "nie chcę się obudzić",
        "nie mam po co żyć",
    ],
}
NOT_DYING = {
    "nb": [
        "jeg vil ikke dø",
        "jeg vil ikke dø alene",
        "jeg har ikke lyst til å dø",
        "jeg ønsker ikke å dø",
        "jeg vil slett ikke dø",
        "jeg vil egentlig ikke dø",
        "jeg er redd og vil ikke dø ung",
        "jeg har egentlig ikke noe lyst til å dø",
        "jeg vil ikke leve alene",
    ],
    "nn": [
        "eg vil ikkje døy",
        "eg vil ikkje døy åleine",
        "eg ønskjer ikkje å døy",
        "eg har ikkje lyst til å døy",
        "eg vil slett ikkje døy",
        "eg vil ikkje døy no",
        "eg er redd og vil ikkje døy ung",
        "eg har ikkje noko lyst til å døy",
        "eg vil ikkje leve åleine",
    ],
    "en": [
        "I don't want to die",
        "I don't want to die alone",
        "I do not want to die",
        "I don't wanna die young",
        "I really don't want to die",
        "I dont want to die in a hospital",
        "I'm ill and do not want to die",
        "We don't want to die of boredom",
        "I don't want to live alone",
        "I don't feel like living alone",
        "I no longer want to live here",
    ],
    "pl": [
        "nie chcę umrzeć",
        "nie chcę umierać",
        "nie chcę umrzeć sam",
        "wcale nie chcę umrzeć",
        "jestem chory i nie chcę umrzeć",
        "nie chciałabym umrzeć",
        "nie chciałbym umrzeć w szpitalu",
        "naprawdę nie chcę umrzeć",
        "nie chcę żyć sam",
        "nie chcę żyć w strachu",
    ],
}
SELF_HARM = {
    "nb": [
        "jeg kutter meg",
        "jeg klarer ikke å slutte å kutte meg",
        "jeg kutter meg når jeg er lei meg",
        "jeg kutter meg på armene",
        "jeg skader meg med vilje",
        "jeg har lyst til å kutte meg på jobb",
        "jeg har lyst til å skade meg selv på jobb",
        "jeg har ikke bare lyst til å dø",
        "jeg kutta meg i går",
        "jeg har begynt å kutte meg",
        "jeg skjærer meg",
        "jeg skjærer meg i armene",
        "jeg skader meg selv",
        "jeg har skadet meg selv",
        "jeg driver med selvskading",
        "jeg selvskader",
        "jeg brenner meg med vilje",
        "jeg risper meg opp",
        "jeg har lyst til å kutte meg",
        "jeg har kuttet meg igjen",
        "jeg skar meg med vilje",
    ],
    "nn": [
        "eg klarar ikkje slutte å kutte meg",
        "eg kuttar meg",
        "eg skjer meg",
        "eg skjer meg i armane",
        "eg skadar meg sjølv",
        "eg har skada meg sjølv",
        "eg sjølvskadar",
        "eg driv med sjølvskading",
        "eg har byrja å kutte meg",
        "eg brenn meg med vilje",
        "eg rispar meg opp",
        "eg har kutta meg igjen",
    ],
    "en": [
        "I can't stop cutting myself",
        "I cut myself at night",
        "I want to cut myself in the kitchen",
        "I cut my wrists in the kitchen",
        "I cut myself",
        "I am cutting myself",
        "I keep cutting myself",
        "I self-harm",
        "I selfharm",
        "I have started to self harm",
        "I hurt myself",
        "I am hurting myself",
        "I harm myself",
        "I burn myself on purpose",
        "I want to cut myself",
        "I started cutting again",
    ],
    "pl": [
        "okaleczam się",
        "tnę się",
        "zaczęłam się ciąć",
        "ciągle się tnę",
        "robię sobie krzywdę",
        "chcę zrobić sobie krzywdę",
        "samookaleczam się",
        "podcinam sobie żyły",
        "przypalam się papierosem",
    ],
}
MISHAPS = {
    "nb": [
        "kutter meg på papir",
        "jeg skjermer meg for folk",
        "jeg vil ikke kutte meg",
        "jeg har ikke kuttet meg på lenge",
        "jeg har sluttet å kutte meg",
        "jeg kutter meg ikke lenger",
        "jeg har aldri kuttet meg",
        "jeg vil ikke skade meg selv",
        "jeg har ikke lyst til å skade meg selv",
        "jeg kutter gresset. Meg og kona trives ute",
        "jeg kuttet meg på en kniv",
        "jeg kutter meg i fingeren når jeg lager mat",
        "jeg skar meg på brødkniven",
        "jeg skar meg i fingeren",
        "jeg skader meg på trening",
        "jeg har skadet meg i kneet",
        "jeg skjærer meg på glasset",
        "jeg brenner meg på komfyren",
        "jeg kutter gresset",
        "jeg klipper og kutter hår",
        "jeg kutter meg av fra alle",
        "jeg skadet ryggen min",
        "datteren min skader seg selv",
        "sønnen min driver med selvskading",
        "jeg kutter meg ved barbering",
    ],
    "nn": [
        "eg vil ikkje skade meg sjølv",
        "eg har slutta å kutte meg",
        "det som skjer meg om dagane, er stilt",
        "kva skjer? Meg og broren min lurer",
        "eg skar meg på papiret",
        "eg kutta meg på kniven",
        "eg skadar meg på trening",
        "eg har skada kneet",
        "eg skjer meg på glasset",
        "eg brende meg på omnen",
        "dotter mi skadar seg sjølv",
        "eg kuttar meg når eg barberer meg",
        "eg kuttar ved",
    ],
    "en": [
        "I don't cut myself",
        "I do not want to hurt myself",
        "I have never cut myself",
        "I stopped cutting myself years ago",
        "I work with self-harm",
        "I cut myself shaving",
        "I cut myself on paper",
        "I cut myself while cooking",
        "I hurt myself skiing",
        "I hurt myself at work",
        "I burned myself on the stove",
        "my daughter cuts herself",
        "my son self-harms",
        "I hurt my back",
        "I cut hair for a living",
        "I cut myself off from everybody",
    ],
    "pl": [
        "nie chcę zrobić sobie krzywdy",
        "już się nie tnę",
        "nigdy się nie okaleczam",
        "skaleczyłam się w palec",
        "tnę drewno",
        "oparzyłam się żelazkiem",
        "moja córka się okalecza",
        "skaleczyłem się nożem w kuchni",
        "zrobiłam sobie krzywdę na nartach",
        "tnę warzywa",
        "jestem fryzjerką i tnę włosy",
        "skręciłam sobie nogę",
    ],
}


def _of(kind: dict[str, list[str]]) -> list[str]:
    return [sentence for sentences in kind.values() for sentence in sentences]


@pytest.mark.parametrize("kind", [NOT_LIVING, NOT_DYING, SELF_HARM, MISHAPS])
def test_sentences_are_eight_of_each_kind_and_language(kind: dict[str, list[str]]) -> None:
    assert all(len(set(sentences)) >= 8 for sentences in kind.values())
    assert set(kind) == {"nb", "nn", "en", "pl"}


@pytest.mark.parametrize("sentence", [*_of(NOT_LIVING), *_of(SELF_HARM)])
def test_is_acute_not_living_and_self_harm_is_seen(sentence: str) -> None:
    assert is_acute(sentence)
    assert is_acute(f"Hei! {sentence.upper()}. Hilsen Kari")


@pytest.mark.parametrize("sentence", [*_of(NOT_DYING), *_of(MISHAPS)])
def test_is_acute_not_dying_and_mishaps_are_not(sentence: str) -> None:
    assert not is_acute(sentence)
    assert not is_acute(f"Hei! {sentence.upper()}. Hilsen Kari")


@pytest.mark.parametrize(("opposite", "danger"), [*zip(_of(NOT_DYING), _of(NOT_LIVING), strict=False)])
def test_is_acute_opposite_hides_no_danger_beside_it(opposite: str, danger: str) -> None:
    assert is_acute(f"{opposite}, {danger}")
    assert is_acute(f"{danger}. {opposite}")


@pytest.mark.parametrize("mishap", MISHAPS["nb"][:8])
def test_is_acute_mishap_hides_no_danger_beside_it(mishap: str) -> None:
    assert is_acute(f"{mishap}. Men jeg vil ikke leve")
