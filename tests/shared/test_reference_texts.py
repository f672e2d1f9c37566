"""Texts, help lines and languages: equal in three languages, and never changed under an old version."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from shared.reference import centres, helplines, installation, languages, texts, ways_on
from shared.reference.installation import InstallationError

MAIL_LANGUAGES = ("nb", "nn", "en")
GOLDEN = Path(__file__).with_name("reference_text_hashes.json")
"""Hashes of published texts. Add a line for a new version; never change one."""


def published() -> dict[str, str]:
    terms = {term: dict(words) for term, words in texts.GROUP_TERMS.items()}
    return {
        f"{kind} {version}": hashlib.sha256(
            json.dumps([text, terms], sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()
        for kind in ("consent", "information")
        for version, text in installation.shipped("texts.yaml")[kind].items()
    }


def words(text: texts.Consent | texts.Information) -> Iterator[str]:
    yield from (text.title, text.statement)
    for section in text.sections:
        yield from (section.heading, *section.paragraphs)


def every_text() -> Iterator[texts.Consent | texts.Information]:
    for centre in centres.load().all:
        for language in MAIL_LANGUAGES:
            yield from (texts.consent(version, language, centre.name) for version in texts.consent_versions())
            information = texts.information(centre.policy, language, centre.name)
            assert information
            yield information


def test_published_texts_are_unchanged_by_hash() -> None:
    assert published() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_texts_are_undamaged_and_without_placeholders() -> None:
    for text in every_text():
        for line in words(text):
            assert line.strip()
            assert not set("ÃÂ{}\ufffd") & set(line)


def test_texts_have_the_same_sections_in_all_languages() -> None:
    for centre in centres.load().all:
        shapes = set()
        for language in MAIL_LANGUAGES:
            information = texts.information(centre.policy, language, centre.name)
            assert information
            shapes.add(tuple(len(section.paragraphs) for section in information.sections))
        assert len(shapes) == 1
    for version in texts.consent_versions():
        consents = [texts.consent(version, language, "LINK") for language in MAIL_LANGUAGES]
        assert len({tuple(len(section.paragraphs) for section in consent.sections) for consent in consents}) == 1
        assert len({consent.statement for consent in consents}) == 3


def test_information_follows_the_policy() -> None:
    said = {}
    for centre in centres.load().all:
        information = texts.information(centre.policy, "nb", centre.name)
        assert information
        said[centre.id] = " ".join(paragraph for section in information.sections for paragraph in section.paragraphs)
    assert "En samtalegruppe er" in said["link"]
    assert "bare nye hvis dere blir enige" in said["link"]
    assert "alle skriver under" in said["selvhjelp-norge"]
    assert "Gruppa begynner på egen hånd" in said["selvhjelp-norge"]
    assert "igangsetter fra LINK Oslo" in said["link-oslo"]
    assert all("113" in text and "fylt 18" in text for text in said.values())


def test_information_without_version_is_none() -> None:
    policy = centres.load().all[1].policy.model_copy(update={"information_version": None})
    assert texts.information(policy, "nb", "LINK") is None


def test_texts_never_ask_for_the_problem() -> None:
    for version in texts.consent_versions():
        assert "aldri hvorfor" in json.dumps(asdict(texts.consent(version, "nb", "LINK")), ensure_ascii=False)


def test_help_lines_include_required_numbers() -> None:
    numbers = [line.number for line in helplines.load()]
    assert numbers[:3] == ["113", "116 117", "116 123"]
    assert {"22 40 00 40", "116 111"} <= set(numbers)
    assert {line.tel for line in helplines.load()} >= {"113", "116117", "+4722400040"}
    for line in helplines.load():
        assert all(line.called(language) and line.when(language) for language in MAIL_LANGUAGES)


def test_help_lines_of_installation_replace_ours(tmp_path: Path) -> None:
    lines = [line.model_dump() | {"last_verified": "2026-12-24"} for line in helplines.load()[:2]]
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps({"helplines": lines}), encoding="utf-8")
    assert [line.last_verified for line in helplines.load(path)] == ["2026-12-24"] * 2
    assert len(centres.load(path).all) == 4
    other = tmp_path / "centres-only.yaml"
    other.write_text("keep: [link]", encoding="utf-8")
    assert helplines.load(other) == helplines.load()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"helplines": []}', "must not be empty"),
        ('{"helplines": [{"id": "x"}, {"id": "y"}]}', "number 1, number: is missing"),
    ],
)
def test_help_lines_of_installation_must_be_two_or_more(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InstallationError, match=said):
        helplines.load(path)


def test_languages_have_all_names_and_one_norwegian() -> None:
    assert list(languages.LANGUAGES)[:3] == ["nb", "en", "se"]
    assert len(languages.LANGUAGES) >= 25
    for code in languages.LANGUAGES:
        assert languages.canonical(code) == code
        assert all(languages.label(code, language) for language in MAIL_LANGUAGES)
    assert [languages.canonical(code) for code in ("no", "nn", " NB ", "xx")] == ["nb", "nb", "nb", None]


def test_ways_on_have_words_and_something_to_reach_them_by() -> None:
    services = ways_on.load()
    assert {service.audience for service in services} == {"everyone", "young"}
    assert len({service.id for service in services}) == len(services)
    for service in services:
        assert service.number or service.website
        assert all(service.called(language) and service.when(language) for language in MAIL_LANGUAGES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": None, "website": None}, "needs a number or a website"),
        ({"audience": "everyone"}, "has none with audience young"),
        ({"website": "http://unsafe.example"}, "website: is not written in the right form"),
        ({"last_verified": "i fjor"}, "last_verified: is not written in the right form"),
        ({"last_verified": "2026-02-30"}, "last_verified: 2026-02-30 is no day"),
        ({"number": "ring oss"}, "number: is not written in the right form"),
        ({"phone": "116 111"}, "phone: is not a key that is known here"),
    ],
)
def test_ways_on_of_installation_with_a_fault_fail(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    young = next(service for service in ways_on.load() if service.audience == "young").model_dump()
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps({"ways_on": [young | changes, young | changes | {"id": "other"}]}), encoding="utf-8")
    with pytest.raises(InstallationError, match=said):
        ways_on.load(path)


def test_ways_on_of_installation_replace_ours(tmp_path: Path) -> None:
    services = [service.model_dump() | {"last_verified": "2026-12-24"} for service in ways_on.load()]
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps({"ways_on": services}), encoding="utf-8")
    assert {service.last_verified for service in ways_on.load(path)} == {"2026-12-24"}
