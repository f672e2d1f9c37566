"""Every mail in every language: discreet outside, complete inside, nobody else's name."""

import re
from dataclasses import replace
from email.errors import HeaderParseError
from email.parser import BytesParser
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import notify
from notify.domain.discretion import FIRST_LINE_CHARACTERS, is_discreet, revealing_words
from notify.mails.registry import mail_registry
from notify.mime import build_message
from shared.kit.addresses import to_ascii
from shared.reference import centres, helplines
from shared.reference.branding import Branding
from tests.notify.support.contents import KINDS, LANGUAGES, NOW, PUBLIC_URL, content, renderer
from tests.shared.support.plain import without_tokens

EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]
PACKAGE = Path(notify.__file__).parent


class Page(HTMLParser):
    """Text and links of a page, and the elements that a browser would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a":
            self.links.append(named["href"] or "")
        if tag in {"img", "script", "iframe", "link"}:
            self.fetched.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def preheader(html: str) -> str:
    match = re.search(r"<body[^>]*><div[^>]*display:none[^>]*>(.*?)</div>", html, re.DOTALL)
    assert match
    return match.group(1)


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("centre", [centre.id for centre in centres.load().all])
def test_visible_parts_of_mail_are_discreet(kind: str, language: str, centre: str) -> None:
    mail = renderer().render(content(kind, language, centre=centre))
    assert revealing_words(mail.subject) == ()
    assert revealing_words(mail.text[:FIRST_LINE_CHARACTERS]) == ()
    assert revealing_words(preheader(mail.html)) == ()
    assert revealing_words(mail.sender_name) == ()
    assert mail.calendar is None or revealing_words(re.findall(rb"SUMMARY:(.*)", mail.calendar.file)[0].decode()) == ()


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_text_and_html_have_the_same_complete_contents(kind: str, language: str) -> None:
    mail = renderer().render(content(kind, language))
    page = Page(mail.html)
    assert f'lang="{language}"' in mail.html
    shown = re.sub(r"\s+", " ", " ".join(page.words))
    for line in helplines.load():
        assert (line.number in mail.text) == (line.audience == "everyone")
        assert (line.number in shown) == (line.audience == "everyone")
    for paragraph in re.split(r"\n\s*\n", mail.text):
        sentence = re.sub(r"\s+", " ", paragraph).strip()
        if "://" not in sentence and ":" not in sentence[:30] and "\n" not in paragraph.strip():
            assert sentence in shown
    assert set(re.findall(r"https?://\S+", mail.text)) == {link for link in page.links if link.startswith("http")}
    assert all(link.startswith((PUBLIC_URL, "tel:", "mailto:")) for link in page.links)
    assert page.fetched == []
    assert "@import" not in mail.html
    for broken in ("Ã", "None,", ": None", "{{", "%(", "undefined", "\ufffd"):
        assert broken not in mail.text
        assert broken not in shown
    assert (mail.leave_url is not None) == mail_registry()[kind].leave_link
    assert all(len(line) <= 72 or "://" in line for line in mail.text.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_text_differs_between_languages(kind: str) -> None:
    texts = {renderer().render(content(kind, language)).text for language in LANGUAGES}
    assert len(texts) == 3


@pytest.mark.parametrize("language", ["nn", "en"])
def test_catalogue_has_every_text(language: str) -> None:
    texts = {
        message
        for _, _, message, _, _ in extract_from_dir(
            PACKAGE,
            method_map=[("**.py", "python"), ("**.j2", "jinja2"), ("**.html", "jinja2")],
            keywords={"_": None, "N_": None, "ngettext": (1, 2)},
        )
    }
    with (PACKAGE / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file)
    translated = {entry.id for entry in catalog if entry.id and entry.string and not entry.fuzzy}
    assert texts == translated
    for entry in catalog:
        names = [sorted(re.findall(r"%\(\w+\)s", str(text))) for text in (entry.id, entry.string)]
        assert names[0] == names[1], entry.id


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "{{ 7*7 }}",
            "%(when)s %s %",
            "</mj-text></mj-column><mj-raw><b>",
            'a" onmouseover="x',
            "Kari\r\nBcc: ond@example.org",
            "&lt;b&gt;",
            "\u202eirak",
        ]
    ),
)


@pytest.mark.asvs("1.1.2", "1.2.1", "3.2.2")
@given(name=HOSTILE, place=HOSTILE)
def test_hostile_name_and_place_add_no_markup(name: str, place: str) -> None:
    mail = renderer().render(content("group_confirmed", "nb", first_name=name, place_text=f"her {place}"))
    plain = renderer().render(content("group_confirmed", "nb"))
    assert re.findall(r"<(\w+)", mail.html) == re.findall(r"<(\w+)", plain.html)
    assert "49" not in mail.subject
    assert mail.calendar is not None
    assert mail.calendar.file.count(b"\r\nBEGIN:VEVENT") == 1


def test_mail_to_unconfirmed_address_has_no_typed_name() -> None:
    mail = renderer().render(content("address_to_confirm", "nb"))
    assert "Kari" not in without_tokens(mail.text)
    assert "/meld-av/" not in mail.text


def test_revealing_centre_name_is_replaced_as_sender() -> None:
    centre = renamed_centre("Selvhjelp Norge")
    mail = renderer().render(replace(content("on_the_list", "nb"), centre=centre))
    assert mail.sender_name == "Senteret"
    assert "Selvhjelp Norge" in mail.text


def test_mail_has_the_colour_of_the_centre() -> None:
    plain = renderer().render(content("on_the_list", "nb"))
    centre = replace(content("on_the_list", "nb")).centre
    look = Branding(color="#004488", color_dark="#9ec5ff")
    mail = renderer().render(replace(content("on_the_list", "nb"), centre=centre.model_copy(update={"branding": look})))
    assert "#004488" in mail.html
    assert "#1f5e4b" not in mail.html
    assert "#004488" not in plain.html
    assert mail.text == plain.text


def renamed_centre(name: str) -> centres.Centre:
    centre = centres.load().get("link-bergen")
    assert centre is not None
    return centre.model_copy(update={"name": name})


def test_group_term_follows_policy_of_centre() -> None:
    words = {
        centre.id: renderer().render(content("on_the_list", "nb", centre=centre.id)).text
        for centre in centres.load().all
    }
    for centre in centres.load().all:
        assert centre.policy.group_term in words[centre.id]


@pytest.mark.parametrize("awaits", [("talk",), ("read",), ("talk", "read")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_talk_mail_links_to_information_only_if_reading_remains(awaits: tuple[str, ...], language: str) -> None:
    mail = renderer().render(content("talk_to_come", language, awaits=awaits))
    assert ("/les\n" in mail.text) == ("read" in awaits)


@pytest.mark.parametrize("word", ["Selvhjelp", "gruppa di", "Angstringen", "self-help", "conversation"])
def test_is_discreet_with_revealing_word_returns_false(word: str) -> None:
    assert not is_discreet(word)


@pytest.mark.parametrize("text", ["Du står på ventelisten", "Bruk knappen", "LINK Bergen", "Det er en plass til deg"])
def test_is_discreet_with_plain_words_returns_true(text: str) -> None:
    assert is_discreet(text)


@pytest.mark.parametrize("recipient", ["kari@example.org", "kåre@example.org"])
def test_message_has_one_recipient(recipient: str) -> None:
    raw = build_message(
        renderer().render(content("group_confirmed", "nb")),
        sender="hei@post.example",
        recipient=recipient,
        reply_to="post@senter.example",
        language="nb",
        message_id="<1@post.example>",
        now=NOW,
    )
    parsed = BytesParser(policy=default).parsebytes(raw)
    assert f"To: {recipient}\r\n".encode() in raw
    assert len(parsed["To"].addresses) == 1
    assert parsed["Content-Language"] == "nb"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "recipient", ["a@b.no, evil@b.no", "a@b.no\r\nBcc: evil@b.no", "a@b.no\n", "Kari <a@b.no>", "a"]
)
def test_message_to_more_than_one_address_is_refused(recipient: str) -> None:
    with pytest.raises((ValueError, HeaderParseError)):
        build_message(
            renderer().render(content("goodbye", "nb")),
            sender="hei@post.example",
            recipient=recipient,
            reply_to=None,
            language="nb",
            message_id="<1@post.example>",
            now=NOW,
        )


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("kari@example.org", "kari@example.org"),
        ("kari@blåbær.no", "kari@xn--blbr-roah.no"),
        ("kåre@blåbær.no", "kåre@xn--blbr-roah.no"),
    ],
)
def test_to_ascii_converts_norwegian_domain_to_ascii(typed: str, sent: str) -> None:
    assert to_ascii(typed, smtputf8=True) == sent
