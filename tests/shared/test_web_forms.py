from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from shared.kit.i18n import LOCALES, Texts
from shared.kit.web import forms
from shared.kit.web.messages import FieldText, Label
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import KARI, Wall, client, signed, token_on

GOOD: dict[str, Any] = {
    "first_name": "Åse", "email": "ase@example.org", "place": "5003", "slots": ["mon-day", "tue-evening"],
    "languages": ["nb"], "adult": "true",
}  # fmt: skip


async def send(reader: httpx.AsyncClient, path: str = "/pamelding", **fields: Any) -> httpx.Response:
    return await reader.post(path, data={"_csrf": await token_on(reader, path)} | fields)


async def test_valid_form_redirects_in_the_same_language() -> None:
    async with client(demo.build()) as reader:
        answer = await send(reader, "/en/pamelding", **GOOD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/en/takk")


async def test_invalid_form_is_shown_with_errors_and_values() -> None:
    async with client(demo.build()) as reader:
        answer = await send(reader, **GOOD | {"email": "ase", "slots": [], "first_name": '<b>"Åse'})

    assert answer.status_code == 422
    assert "<title>Feil: Påmelding</title>" in answer.text
    assert 'value="&lt;b&gt;&#34;Åse"' in answer.text
    assert '<a class="ds-link" href="#email">Skriv e-postadressen slik: navn@eksempel.no.</a>' in answer.text
    assert "Velg minst ett tidspunkt som passer." in answer.text
    assert "2 ting må rettes" in answer.text
    assert 'aria-describedby="email-help email-error" aria-invalid="true"' in answer.text


async def test_invalid_form_keeps_checkboxes() -> None:
    async with client(demo.build()) as reader:
        answer = await send(reader, **GOOD | {"email": ""})

    for value in ("mon-day", "tue-evening", "nb", "true"):
        assert f'value="{value}"' in answer.text
    assert answer.text.count(" checked") == 4
    assert '<option value="20">' in answer.text  # nothing was sent, so nothing is chosen


async def test_language_switch_keeps_values_without_errors() -> None:
    async with client(demo.build()) as reader:
        token = await token_on(reader, "/pamelding")
        answer = await reader.post(
            "/nn/pamelding", data={"_csrf": token, "_switch": "nn", "first_name": "Åse", "slots": ["sun-evening"]}
        )

    assert answer.status_code == 200
    assert '<html lang="nn"' in answer.text
    assert 'value="Åse"' in answer.text
    assert answer.text.count(" checked") == 1
    assert "error-summary" not in answer.text


@pytest.mark.asvs("1.3.3")
async def test_submitted_refuses_control_characters_and_normalises() -> None:
    async with client(demo.build()) as reader:
        refused = await send(reader, **GOOD | {"first_name": "Å\x00se"})
        composed = await send(reader, **GOOD | {"first_name": "A\u030ase", "email": ""})

    assert "tegn som ikke kan lagres" in refused.text
    assert 'value="\u00c5se"' in composed.text


async def test_stale_form_keeps_values() -> None:
    wall = Wall()
    async with client(demo.build(wall=wall)) as reader:
        token = await token_on(reader, "/pamelding")
        wall.move(timedelta(hours=25))
        answer = await reader.post("/pamelding", data={"_csrf": token} | GOOD)
        again = await token_on(reader, "/pamelding")
        second = await reader.post("/pamelding", data={"_csrf": again} | GOOD)

    assert answer.status_code == 422
    assert "hadde stått åpen lenge" in answer.text
    assert 'value="ase@example.org"' in answer.text
    assert second.status_code == 303


async def test_stale_button_offers_the_page_again() -> None:
    wall = Wall()
    async with client(demo.build(wall=wall)) as reader:
        token = await token_on(reader, "/knapp")
        wall.move(timedelta(hours=25))
        answer = await reader.post("/knapp", data={"_csrf": token})

    assert answer.status_code == 403
    assert 'href="/knapp"' in answer.text


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
async def test_form_from_other_site_is_refused(headers: dict[str, str]) -> None:
    async with client(demo.build()) as reader:
        token = await token_on(reader, "/knapp")
        answer = await reader.post("/knapp", data={"_csrf": token}, headers=headers)

    assert answer.status_code == 403


async def test_form_from_own_origin_is_accepted() -> None:
    async with client(demo.build("https://hjelp.example")) as reader:
        token = await token_on(reader, "/knapp")
        answer = await reader.post("/knapp", data={"_csrf": token}, headers={"origin": "https://hjelp.example"})

    assert answer.status_code == 303


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("token", ["", "x", "0x1p+30~", "~", "nan~AAAA", "æ~ø"])
async def test_form_with_invented_token_is_refused(token: str) -> None:
    async with client(demo.build()) as reader:
        assert (await reader.post("/knapp", data={"_csrf": token})).status_code == 403
        assert (await reader.post("/knapp")).status_code == 403


async def test_token_of_another_path_is_refused() -> None:
    async with client(demo.build()) as reader:
        token = await token_on(reader, "/pamelding")
        assert (await reader.post("/knapp", data={"_csrf": token})).status_code == 403


async def test_button_value_is_a_parameter() -> None:
    async with client(demo.build()) as reader:
        page = (await reader.get("/knapp")).text
        token = page.split('action="/svar"')[1].split('name="_csrf" value="')[1].split('"')[0]
        yes = await reader.post("/nn/svar", data={"_csrf": token, "answer": "yes"})
        neither = await reader.post("/nn/svar", data={"_csrf": token, "answer": "perhaps"})

    assert (yes.status_code, yes.headers["location"]) == (303, "/nn/yes")
    assert (neither.status_code, "Noko må rettast" in neither.text) == (422, True)


async def test_staff_token_of_another_session_is_refused() -> None:
    wall = Wall()
    other = type(KARI)("ola", KARI.roles, KARI.tenants, "session-9")
    async with client(demo.build(wall=wall)) as reader:
        token = await token_on(reader, "/stab/", signed())
        own = await reader.post("/stab/", data={"_csrf": token}, headers=signed())
        stolen = await reader.post("/stab/", data={"_csrf": token}, headers=signed(other))

    assert own.status_code == 303
    assert stolen.status_code == 403


class Everything(BaseModel):
    """One field for each type of error."""

    text: Annotated[str, Field(min_length=2, max_length=3)]
    number: Annotated[int, Field(ge=1, le=5)]
    many: Annotated[list[str], Field(min_length=1, max_length=2)]
    own: str

    @field_validator("own")
    @classmethod
    def never(cls, _: str) -> str:
        raise ValueError("Se over «%(label)s».")


def complaints(locale: str, **values: Any) -> dict[str, str]:
    labels: dict[str, Label] = {"text": "Tekst", "number": FieldText("Sum", missing="Fyll ut «%(label)s».")}
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(values)
    return {e.field: e.message for e in forms.explain(caught.value.errors(), labels, locale, Texts())}


def test_sentence_for_each_type_of_error() -> None:
    assert complaints("nb", text="x", number="a", many=[], own="x") == {
        "text": "«Tekst» må ha minst 2 tegn.",
        "number": "Skriv «Sum» som et helt tall.",
        "many": "Velg minst ett alternativ under «many».",
        "own": "Se over «own».",
    }
    assert complaints("en", text="xxxx", many=["a", "b", "c"], own="x") == {
        "text": "“Tekst” can have at most 3 characters.",
        "number": "Fill in “Sum”.",
        "many": "Choose at most 2 options under “many”.",
        "own": "Please check “own”.",
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_explain_follows_the_order_of_labels(locale: str) -> None:
    assert list(complaints(locale, number=9, own="x"))[:2] == ["text", "number"]


@pytest.mark.parametrize(
    "value", ["a\nb", "a\r\nb", "a\tb", "a\u202eb", "a\u2066b", "a\u200bb", "a\u00adb", "a\u2028b"]
)
async def test_submitted_refuses_breaks_and_unseen_marks_in_one_line(value: str) -> None:
    sentences = {"": "skal stå på én linje", "/nn": "skal stå på éi linje", "/en": "must be on one line"}
    async with client(demo.build()) as reader:
        for prefix, sentence in sentences.items():
            answer = await send(reader, f"{prefix}/pamelding", **GOOD | {"first_name": value})
            assert answer.status_code == 422
            assert sentence in answer.text
            assert 'value="5003"' in answer.text


@pytest.mark.parametrize("name", ["Åse", "A\u200dB", "نيلوفر\u200cها", "Kari-Anne", "O’Hara"])
async def test_submitted_takes_names_as_they_are_spelled(name: str) -> None:
    async with client(demo.build()) as reader:
        assert (await send(reader, **GOOD | {"first_name": name})).status_code == 303


@pytest.mark.asvs("15.3.7")
@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("first_name=<script>", "first_name=Åse", 303),
        ("first_name=Åse", "first_name=" + "x" * 500, 422),
        ("email=a@example.org", "email=nobody", 422),
        ("adult=true", "adult=false", 422),
        ("place=5003", "place=" + "x" * 500, 422),
    ],
)
async def test_field_sent_twice_is_checked_and_used_as_one(first: str, last: str, status: int) -> None:
    """What is checked is what is used: the last value."""
    twice = [(pair.partition("=")[0], pair.partition("=")[2]) for pair in (first, last)]
    others = [(name, text) for name, value in GOOD.items() if name != twice[0][0] for text in as_list(value)]
    async with client(demo.build()) as reader:
        fields = [("_csrf", await token_on(reader, "/pamelding")), *others, *twice]
        answer = await reader.post(
            "/pamelding",
            content=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code == status


@pytest.mark.asvs("15.3.7")
async def test_token_sent_twice_is_no_way_around() -> None:
    async with client(demo.build()) as reader:
        good = ("_csrf", await token_on(reader, "/pamelding"))
        for pair in ([good, ("_csrf", "forged")], [good, ("_csrf", "")]):
            fields = [*pair, *((name, text) for name, value in GOOD.items() for text in as_list(value))]
            answer = await reader.post(
                "/pamelding",
                content=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code != 303


def as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
