"""What every mail promises, in every language: discreet outside, plain inside, nobody else's name."""

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
from notify.domain.addresses import deliverable
from notify.domain.discretion import FIRST_LINE_CHARACTERS, is_discreet, telling_words
from notify.domain.kinds import LEAVE_LINK, Kind
from notify.mime import message
from shared.reference import centres, helplines
from tests.notify.letters import NOW, PUBLIC_URL, letter, renderer

LANGUAGES = ("nb", "nn", "en")
EVERY = [(kind, language) for kind in Kind for language in LANGUAGES]
PACKAGE = Path(notify.__file__).parent


class Page(HTMLParser):
    """The text that shows, the hidden preheader, the links, and what a browser would fetch."""

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
    found = re.search(r"<body[^>]*><div[^>]*display:none[^>]*>(.*?)</div>", html, re.DOTALL)
    assert found
    return found.group(1)


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("centre", [centre.id for centre in centres.load().all])
def test_nothing_outside_tells_what_it_is_about(kind: Kind, language: str, centre: str) -> None:
    mail = renderer().render(letter(kind, language, centre=centre))
    assert telling_words(mail.subject) == ()
    assert telling_words(mail.text[:FIRST_LINE_CHARACTERS]) == ()
    assert telling_words(preheader(mail.html)) == ()
    assert telling_words(mail.sender_name) == ()
    assert mail.calendar is None or telling_words(re.findall(rb"SUMMARY:(.*)", mail.calendar.file)[0].decode()) == ()


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_text_and_html_say_the_same_and_are_whole(kind: Kind, language: str) -> None:
    mail = renderer().render(letter(kind, language))
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
    assert (mail.leave_url is not None) == (kind in LEAVE_LINK)
    assert all(len(line) <= 72 or "://" in line for line in mail.text.splitlines())


@pytest.mark.parametrize("kind", list(Kind))
def test_the_three_languages_differ(kind: Kind) -> None:
    texts = {renderer().render(letter(kind, language)).text for language in LANGUAGES}
    assert len(texts) == 3


@pytest.mark.parametrize("language", ["nn", "en"])
def test_every_text_is_translated(language: str) -> None:
    found = {
        message
        for _, _, message, _, _ in extract_from_dir(
            PACKAGE,
            method_map=[("**.py", "python"), ("**.j2", "jinja2"), ("**.html", "jinja2")],
            keywords={"_": None, "N_": None},
        )
    }
    with (PACKAGE / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file)
    translated = {entry.id for entry in catalog if entry.id and entry.string and not entry.fuzzy}
    assert found == translated
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


@given(name=HOSTILE, place=HOSTILE)
def test_what_people_typed_is_inert(name: str, place: str) -> None:
    mail = renderer().render(letter(Kind.GROUP_CONFIRMED, "nb", first_name=name, place_text=f"her {place}"))
    plain = renderer().render(letter(Kind.GROUP_CONFIRMED, "nb"))
    assert re.findall(r"<(\w+)", mail.html) == re.findall(r"<(\w+)", plain.html)
    assert "49" not in mail.subject
    assert mail.calendar is not None
    assert mail.calendar.file.count(b"\r\nBEGIN:VEVENT") == 1


def test_an_unconfirmed_mail_carries_nothing_that_a_stranger_typed() -> None:
    mail = renderer().render(letter(Kind.ADDRESS_TO_CONFIRM, "nb"))
    assert "Kari" not in mail.text
    assert "/meld-av/" not in mail.text


def test_a_telling_name_is_not_the_sender() -> None:
    centre = replace_name("Selvhjelp Norge")
    mail = renderer().render(replace(letter(Kind.ON_THE_LIST, "nb"), centre=centre))
    assert mail.sender_name == "Senteret"
    assert "Selvhjelp Norge" in mail.text


def replace_name(name: str) -> centres.Centre:
    centre = centres.load().get("link-bergen")
    assert centre is not None
    return centre.model_copy(update={"name": name})


def test_the_word_for_the_group_is_the_centres_own() -> None:
    words = {
        centre.id: renderer().render(letter(Kind.ON_THE_LIST, "nb", centre=centre.id)).text
        for centre in centres.load().all
    }
    for centre in centres.load().all:
        assert centre.policy.group_term in words[centre.id]


@pytest.mark.parametrize("awaits", [("talk",), ("read",), ("talk", "read")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_to_do_is_told(awaits: tuple[str, ...], language: str) -> None:
    mail = renderer().render(letter(Kind.TALK_TO_COME, language, awaits=awaits))
    assert ("/informasjon/link-bergen" in mail.text) == ("read" in awaits)


@pytest.mark.parametrize("word", ["Selvhjelp", "gruppa di", "Angstringen", "self-help", "conversation"])
def test_the_word_list_finds_telling_words(word: str) -> None:
    assert not is_discreet(word)


@pytest.mark.parametrize("text", ["Du står på listen", "Bruk knappen", "LINK Bergen", "Det er en plass til deg"])
def test_the_word_list_lets_plain_words_pass(text: str) -> None:
    assert is_discreet(text)


@pytest.mark.parametrize("recipient", ["kari@example.org", "kåre@example.org"])
def test_an_envelope_has_one_recipient(recipient: str) -> None:
    raw = message(
        renderer().render(letter(Kind.GROUP_CONFIRMED, "nb")),
        sender="hei@post.example",
        recipient=recipient,
        reply_to="post@senter.example",
        language="nb",
        message_id="<1@post.example>",
        now=NOW,
    )
    read = BytesParser(policy=default).parsebytes(raw)
    assert f"To: {recipient}\r\n".encode() in raw
    assert len(read["To"].addresses) == 1
    assert read["Content-Language"] == "nb"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "recipient", ["a@b.no, evil@b.no", "a@b.no\r\nBcc: evil@b.no", "a@b.no\n", "Kari <a@b.no>", "a"]
)
def test_what_is_more_than_an_address_is_refused(recipient: str) -> None:
    with pytest.raises((ValueError, HeaderParseError)):
        message(
            renderer().render(letter(Kind.GOODBYE, "nb")),
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
def test_a_norwegian_domain_reaches_any_server(typed: str, sent: str) -> None:
    assert deliverable(typed) == sent
