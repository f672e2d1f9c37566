from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from shared.kit import i18n
from shared.kit.i18n import catalogues
from shared.kit.i18n.__main__ import main

MEETING = datetime(2027, 3, 25, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("nb", "torsdag 25. mars 2027 kl. 18.00"),
        ("nn", "torsdag 25. mars 2027 kl. 18.00"),
        ("en", "Thursday 25 March 2027 at 18:00"),
        ("xx", "torsdag 25. mars 2027 kl. 18.00"),
    ],
)
def test_format_when_uses_norwegian_time_over_summer_time(locale: str, said: str) -> None:
    assert i18n.format_when(MEETING, locale) == said
    assert i18n.format_clock(datetime(2027, 4, 1, 16, tzinfo=UTC), "nb") == "18.00"


def test_format_date_short_and_clock_in_every_language() -> None:
    assert i18n.format_date(date(2027, 3, 23), "nn") == "tysdag 23. mars 2027"
    assert i18n.format_date(datetime(2027, 3, 22, 23, 30, tzinfo=UTC), "nb") == "tirsdag 23. mars 2027"
    assert i18n.format_short(MEETING, "nb") == "25.03.2027"
    with pytest.raises(ValueError, match="zone"):
        i18n.format_when(datetime(2027, 3, 25, 17), "nb")  # noqa: DTZ001 - a naive moment is the fault


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "nb"), ("en-GB,en;q=0.9", "en"), ("no", "nb"), ("de, nn;q=0.3, en;q=0.8", "en"), ("sv;q=1", "nb"),
        ("nn;q=rubbish, en;q=0.1", "en"), ("*", "nb"), ("en;q=0.5,nn;q=0.5", "en"),
    ],
)  # fmt: skip
def test_best_locale_follows_accept_language(header: str, locale: str) -> None:
    assert i18n.best_locale(header) == locale


def test_texts_fall_back_to_bokmal_and_use_plurals() -> None:
    texts = i18n.Texts()

    assert texts.gettext("en", "Forsiden") == "Front page"
    assert texts.gettext("en", "Ukjent tekst") == "Ukjent tekst"
    assert texts.gettext("en", "") == ""
    one, many = "Én ting må rettes før vi kan gå videre", "%(num)d ting må rettes før vi kan gå videre"
    assert texts.ngettext("nn", one, many, 1).startswith("Éin ting")
    assert texts.ngettext("nn", one, many, 3).startswith("%(num)d ting må rettast")


def test_kit_catalogues_are_complete() -> None:
    assert main(["check", "kit"]) == 0


SOURCES = Path(__file__).parents[2]


def _said(package: str, locale: str, template: str = "") -> dict[str, str]:
    """Return the translations of a package, or of one of its templates."""
    with (SOURCES / package / "locales" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if isinstance(message.id, str) and message.id]
    return {
        str(message.id): str(message.string)
        for message in messages
        if not template or any(place == template for place, _ in message.locations)
    }


@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
@pytest.mark.parametrize("locale", ["nn", "en"])
def test_menu_of_staff_says_the_same_in_every_service(service: str, locale: str) -> None:
    menu = _said("shared/shared/kit", locale, "web/templates/staff.html")
    own = _said(f"services/{service}/{service}", locale)
    assert menu
    assert {text: own[text] for text in menu.keys() & own.keys() if own[text] != menu[text]} == {}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "some_package_with_texts"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text('from shared.kit.i18n import N_\nTITLE = N_("Hei, %(name)s")\n')
    (folder / "templates" / "page.html").write_text('{{ _("Velkommen") }} {% trans %}  Takk\n  for sist {% endtrans %}')
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def _translate(folder: Path, locale: str, text: str, translation: str) -> None:
    file = folder / "locales" / locale / "LC_MESSAGES" / "messages.po"
    file.write_text(
        file.read_text("utf-8").replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{translation}"')
    )


def test_check_finds_gaps_and_update_keeps_translations(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = package.name
    assert main(["extract", name]) == 0
    assert main(["check", name]) == 1
    assert capsys.readouterr().out.count("missing") == 6
    for locale in ("nn", "en"):
        for text in ("Hei, %(name)s", "Velkommen", "Takk for sist"):
            _translate(package, locale, text, f"{text} ({locale})")
    assert main(["check", name]) == 0
    assert main(["extract", name]) == 0
    assert main(["check", name]) == 0
    assert i18n.Texts([package / "locales"]).gettext("nn", "Velkommen") == "Velkommen (nn)"


@pytest.mark.parametrize(
    ("translation", "fault"),
    [("Velkomen pÃ¥ nytt", "damaged"), ("Velkomen %(other)s", "placeholders differ")],
)
def test_check_finds_damaged_translations(package: Path, translation: str, fault: str) -> None:
    catalogues.update(package)
    _translate(package, "nn", "Velkommen", translation)

    assert (fault, "Velkommen") in {(finding.fault, finding.text) for finding in catalogues.check(package)}


def test_check_finds_unused_texts_and_update_drops_them(package: Path) -> None:
    catalogues.update(package)
    (package / "templates" / "page.html").write_text("")

    assert {finding.text for finding in catalogues.check(package) if finding.fault == "unused"} == {
        "Velkommen",
        "Takk for sist",
    }
    catalogues.update(package)
    assert all(finding.fault != "unused" for finding in catalogues.check(package))
