"""Words of acute danger are seen in four languages; everyday sad words, names and places are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain import crisis
from intake.domain.crisis import acute_fields, is_acute
from shared.reference import crisis_rules, places

ACUTE = [
    # bokmål
    "Jeg vil ta livet mitt",
    "jeg tar livet av meg i kveld",
    "Jeg tenker på å ta mitt eget liv",
    "vil ikke leve lenger",
    "Jeg orker ikke å leve mer",
    "jeg har lyst til å dø",
    "VIL DØ",
    "Selvmord",
    "har selvmordstanker hele tiden",
    "sjelvmord selvmrod",
    "jeg skal henge meg",
    "Jeg har tatt en overdose",
    "har tatt alle pillene mine nå",
    "hoppe fra broa",
    "jeg kommer til å drepe meg selv",
    "han dreper meg hvis jeg går hjem",
    "jeg vil avslutte livet",
    "ta liveet mitt",
    "Jeg orker ikke mer, vil ta livet mitt",
    "jeg orker ikke mer vil ta livet mitt",
    "Har mistet alt og har selvmordstanker",
    "tenker på selvmord etter at hun døde",
    # nynorsk
    "Eg vil ta livet mitt",
    "eg tek livet av meg",
    "Eg vil ikkje leve lenger",
    "eg orkar ikkje å leve",
    "eg vil døy",
    "har sjølvmordstankar",
    "sjølvmordd",
    "skal hengje meg",
    # English
    "I want to kill myself",
    "I am going to end my life",
    "i want to die",
    "i dont want to live anymore",
    "I don't want to live",
    "thinking about suicide",
    "I feel suicidal",
    "I took an overdose",
    "going to hang myself tonight",
    # Polish
    "Chcę się zabić, zabiję się",
    "nie chcę żyć",
    "chce umrzec",
    "myśli samobójcze",
    "Chcę popełnić samobojstwo",
    "odebrać sobie życie",
    # as people write them in all four: slips, slang, other ways to say it
    "orker ikke leve lenger",
    "vil ikke våkne i morgen",
    "hopper fra brua i kveld",
    "I want to end it all tonight",
    "chcę się zabić",
    "jeg kommer til å gjøre slutt på alt i natt",
    "skal gjøre slutt på livet mitt",
    "jeg vil bare dø",
    "vill bare dø",
    "orker ikke mer, skal ta mitt liv",
    "jeg har bestemt meg for å dø",
    "hadde vært best om jeg var død",
    "det er bedre for alle om jeg er død",
    "ønsker ikke å leve",
    "vil helst ikke leve lengre",
    "har planer om å ta selvmord",
    "selvmorsdtanker",
    "jeg kutter meg opp nå",
    "har tatt for mange piller",
    "jeg har svelget alle tablettene",
    "hopper foran toget",
    "kaster meg foran toget",
    "skal hoppe ut fra balkongen",
    "jeg tar livet mitt snart",
    "har tenkt å ta livet mitt",
    "tenker på å ta livet av meg",
    "jeg tør ikke leve mer",
    "jeg skal drepe meg sjøl",
    "eg har lyst å døy",
    "eg vil ikkje vakne i morgon",
    "orkar ikkje leve lenger",
    "eg skal ta livet av meg",
    "hoppar frå brua i kveld",
    "gjere slutt på livet",
    "I'm going to kill myself",
    "im gonna kill myself",
    "kms tonight",
    "i cant live anymore",
    "I don't want to be alive anymore",
    "I don't want to wake up tomorrow",
    "better off dead",
    "i wish i was dead",
    "I'm ready to die",
    "I am going to jump off the bridge",
    "I want to unalive myself",
    "overdosed on pills",
    "I took all my pills",
    "thinking of ending it all",
    "ending it tonight",
    "want to take my life",
    "going to slit my wrists",
    "chcę ze sobą skończyć",
    "nie chce mi się żyć",
    "nie chcę się obudzić",
    "skoczę z mostu",
    "zabije sie dzisiaj",
    "mam myśli samobójcze",
    "chcę odebrać sobie życie",
    "targnąć się na życie",
    "połknęłam wszystkie tabletki",
    "on mnie zabije",
    "mannen min truer med å drepe meg",
    "he is going to kill me",
    "jeg har en kniv mot håndleddet",
    "Orkerikke leve mer",
    "vil ikke leve meir",
    "selvmord i kveld",
    "skyter meg",
    "i natt tar jeg livet av meg",
    "vil dø nå",
    "har ikke lyst til å leve",
    "jeg gidder ikke leve mer",
    "sjølmord",
    "skal ta sjølmord",
    "hvis jeg bare kunne dø",
    "jeg planlegger å ende livet",
    "gjør slutt på livet i kveld",
    "jeg har lagd en plan for å ta livet mitt",
    "ta live mitt",
    "tar live av meg",
    "tek livet mitt i kveld",
    "eg orkar ikkje leva meir",
    "eg ynskjer å døy",
    "want to kms",
    "i want to kill my self",
    "i'm suicidal",
    "no reason to live anymore",
    "i will end my life",
    "dont wanna live",
    "I don't wanna be here anymore, want to die",
    "gonna jump off a bridge",
    "chce sie powiesic",
    "zabije siebie",
    "popelnie samobojstwo",
    "nie mam po co zyc",
    "chcę zniknąć, nie chcę żyć",
    "mam dosc zycia, chce umrzec",
]
SAD = [
    # bokmål
    "Jeg er så lei meg",
    "Mannen min døde i fjor",
    "Moren min tok selv farvel",
    "Jeg orker ikke mer av jobben",
    "Livet mitt er vanskelig",
    "Jeg har mistet lysten på livet i perioder",
    "jeg er redd for å dø alene",
    "Alt er svart",
    "Jeg gråter hver dag",
    "Etter at barnet vårt døde",
    "etterlatte etter selvmord",
    "Jeg vil ikke være alene lenger",
    "Sliter med angst og depresjon",
    "jeg har aldri hatt selvmordstanker",
    "jeg er dødssliten",
    "Det tar livet av stemningen",
    "Jeg drepte en flue",
    "Jeg får ikke sove",
    "Faren min drakk seg i hjel",
    # nynorsk
    "Eg er einsam og trist",
    "Eg saknar mor mi, ho døydde i vår",
    "Eg orkar ikkje meir no",
    "Livet er tungt",
    "Eg slit med sorg",
    "eg vil ikkje vere til bry",
    # English
    "I feel so sad and alone",
    "My husband died last year",
    "I am dying to meet people",
    "I could kill for a coffee",
    "My life is a mess",
    "I lost my brother to suicide",
    "he is not suicidal",
    "I would never kill myself",
    "Hun døde i selvmord",
    "I can't sleep",
    "I hurt all over",
    "I am dead tired",
    # Polish
    "Jest mi smutno",
    "Mój mąż umarł",
    "Nie mogę spać",
    "Jestem samotna",
    "Żyję z lękiem",
    "Chcę żyć lepiej",
    # words of danger about others, things, tiredness and wishes
    "jeg er så lei av alt",
    "mannen min døde i fjor",
    "dead tired after work",
    "jeg dør av kjedsomhet",
    "jeg er redd for å dø",
    "vil ikke våkne så tidlig",
    "jeg vil leve",
    "vil leve et bedre liv",
    "jeg hopper fra jobb til jobb",
    "I want to end my loneliness",
    "I want to end this bad period",
    "my life ended when she died",
    "I would die for a friend",
    "jeg vil ikke miste henne",
    "pappa tok livet sitt i fjor",
    "broren min tok sitt eget liv",
    "sønnen min tok selvmord i fjor",
    "søstera mi tok livet av seg",
    "etterlatte etter sjølvmord",
    "jeg tenker mye på døden",
    "livet mitt er slutt som gift kvinne",
    "slutt på forholdet",
    "det er slutt mellom oss",
    "jeg har gjort det slutt med kjæresten",
    "jeg har sluttet å ta piller",
    "tar piller for angst",
    "hunden min døde",
    "I lost my will to go out",
    "tired of living alone",
    "tired of life with kids and work",
    "nie chcę żyć sama",
    "moja mama umarła",
    "mój brat popełnił samobójstwo",
    "straciłam brata",
    "jeg vil ikke leve alene",
    "vil ikke leve alene lenger",
    "eg vil ikkje leve åleine",
    "I don't want to live alone",
    "dead end job",
    "killing time",
    "dette dreper meg sakte",
    "jobben dreper meg",
    "han drepte stemningen",
    "jeg våkner om natta",
    "vil bare sove",
    "hopper over frokost",
    "bor ved brua",
    "brua i Drammen",
    "mistet henne i selvmord",
    "my son died by suicide",
    "overlevde et selvmordsforsøk for ti år siden",
    "tidligere selvmordsforsøk",
    "I wish he was not dead",
    "best friend dead",
    "jeg var død på skolen av kjedsomhet",
    "livet er til å dø av",
    "ikke verdt å leve slik",
    "skader meg på trening",
    "jeg vil ta livet tilbake",
    "ta livet med ro",
    "jeg er trett av livet",
    "ingenting gir mening",
    "jeg savner faren min som døde",
    "broren min døde i selvmord",
    "min kone tok sitt eget liv",
    "jeg er ensom og gråter mye",
    "klarer ikke jobben lenger",
    "har det tungt etter bruddet",
    "katten min døde i går",
    "livet er kjipt",
    "eg er så trøytt",
    "eg greier ikkje stå opp",
    "ho mor døydde",
    "everything is too much",
    "my dog died",
    "I miss my dad",
    "life is hard",
    "I can't go on like this at work",
    "jestem zmęczona",
    "nie daję rady w pracy",
    "boję się śmierci",
    "wanted to die of embarrassment",
    "killed it at work",
    "dette tar knekken på meg",
    "jeg vil gjerne leve",
    "jeg vil leve til jeg er hundre",
    "jeg skal dø en dag, tenker mye på det",
    "redd for å miste livet",
    "han tok livet sitt",
    "lei av å leve alene",
]
NAMES = [
    "Selma", "Livet", "Liv", "Død", "Dødens gate 3", "Dødes", "Selvmo", "Mord", "Mordal", "Døli", "Kjell Drepe",
    "Hang", "Hanging Rock", "Die", "Diehl", "Livia Mittet", "Mo i Rana", "Moen", "Daudmannskaret", "Drepping",
    "Suzie", "Sui", "Zabi", "Toget", "Selv Mordt", "Vil Dølen", "Ta Li Vet", "Livmo", "Willy Deedee",
]  # fmt: skip


def test_sentences_are_forty_of_each_kind_or_more() -> None:
    assert min(len(set(ACUTE)), len(set(SAD))) >= 40


@pytest.mark.parametrize("sentence", ACUTE)
def test_is_acute_sentence_of_danger_is_seen(sentence: str) -> None:
    assert is_acute(sentence)
    assert is_acute(sentence.upper())
    assert is_acute(f"Hei! {sentence}... hilsen Kari")


@pytest.mark.parametrize("sentence", [*SAD, *NAMES])
def test_is_acute_everyday_sadness_and_names_are_not(sentence: str) -> None:
    assert not is_acute(sentence)
    assert not is_acute(sentence.upper())


def test_is_acute_no_place_of_the_register_is() -> None:
    register = places.load()
    labels = {place.label for found in register._names.values() for place in found}
    assert [label for label in labels if is_acute(label)] == []


def test_acute_fields_names_the_fields() -> None:
    fields = acute_fields([("first_name", "Vil dø"), ("slots", ["mon-day", "suicide"]), ("place", "Dødens")])
    assert fields == {"first_name", "slots"}


def test_rules_have_a_version_and_four_languages() -> None:
    rules = crisis_rules.load()
    assert rules.version
    assert {language for language, phrases in rules.phrases.items() if len(phrases) > 15} == {"nb", "nn", "en", "pl"}


@given(st.text(max_size=200))
def test_is_acute_any_text_has_an_answer(text: str) -> None:
    assert is_acute(text) in {True, False}


_HUGE = {
    "one letter": "a " * 8000,
    "first words of phrases": "vil ikke " * 1800,
    "whole phrases, denied": "aldri selvmord " * 1100,
    "words of two letters": "ta livet " * 1800,
    "all different": "".join(f"s{number} " for number in range(2700)),
    "no blanks": "d" * 16000,
    "one sign that is many": "\ufdfa " * 8000,
}
"""Texts as long as a body may be; each would take minutes if the work grew with the square of the words."""


@pytest.mark.parametrize("text", _HUGE.values(), ids=_HUGE)
def test_is_acute_huge_text_compares_each_word_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    is_like = crisis._is_like

    def counting(word: str, wanted: str) -> bool:
        compared.append(word)
        return is_like(word, wanted)

    is_acute("the rules are read before")
    monkeypatch.setattr(crisis, "_is_like", counting)

    assert not is_acute(text)
    assert len(compared) <= 60 * len(set(text.split())) + 60


def test_is_acute_danger_at_the_end_of_a_long_text_is_seen() -> None:
    assert is_acute("jeg er sliten og lei. " * 600 + "Jeg vil ta livet mitt")
