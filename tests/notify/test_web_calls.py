"""The page of a call: what it shows, to whom, and where its buttons lead."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain import calls as rules
from shared.kit.staff import StaffMember
from shared.reference import centres
from shared.reference.calls import next_morning
from shared.reference.centres import Centres
from shared.reference.holidays import is_day_off
from shared.timezone import OSLO_TZ
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person
from tests.notify.test_calls import called, offered, phone_only
from tests.shared.support.plain import without_tokens

ELSEWHERE = StaffMember("ola", frozenset({"koordinator"}), frozenset({"link-oslo"}), "session-2")
IGANGSETTER = StaffMember("ida", frozenset({"igangsetter"}), frozenset({"link-bergen"}), "session-3")
TASK = "00000000-0000-0000-0000-000000000007"


async def test_page_shows_number_words_deadline_and_buttons(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    html = await desk.page(mail.id)
    text = words(html)
    for said in ("Ring Kari", "912 34 567", "Frist torsdag 8. januar 2026 kl. 12.00", "bokmål", "Sa ja", "Sa nei"):
        assert said in text
    for said in ("Snakker jeg med Kari?", "tirsdag kveld", "Plassen holdes av til fristen", "Prøv igjen mandag 5."):
        assert said in text
    assert 'href="tel:+4791234567"' in html
    assert "/plass/" not in html.replace("/stab/plasser/", "")
    assert "UUID" not in text
    assert str(person.id) not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Kan ringe tilbake til"),
        ("/nn", "Kan ringje tilbake til"),
        ("/en", "Can call back"),
    ],
)
async def test_page_shows_when_the_person_can_call_back(desk: Desk, language: str, said: str) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    hours = {"nb": "hverdager 9–15", "nn": "kvardagar 9–15", "en": "weekdays 9–15"}
    directory = desk.app.state.deps.directory
    every = tuple(centre.model_copy(update={"hours": hours}) for centre in directory.current().all)
    directory.replace(Centres(every))
    text = words(await desk.page(mail.id, language=language))
    assert f"{said} 00 00 00 00 ({hours[language.strip('/') or 'nb']})" in text


async def test_page_names_its_reader_to_intake_and_changes_nothing(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    before = (await desk.tasks(), [row.delivery for row in await desk.mails()])
    for language in ("", "/nn", "/en"):
        await desk.page(mail.id, language=language)
    assert (await desk.tasks(), [row.delivery for row in await desk.mails()]) == before
    asked = [question for question in desk.intake.questions if question.purpose == "call"]
    assert {(question.reader, question.person_ids, question.signup_id) for question in asked} == {
        ("kari", (person.id,), person.signup_id)
    }


async def test_words_are_in_the_persons_language(desk: Desk) -> None:
    person = phone_only(desk, language="en")
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    html = await desk.page(mail.id)
    assert "Am I speaking to Kari?" in html
    assert 'lang="en"' in html
    assert "Fikk ikke svar" in html


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        ("address_to_confirm", ("/stab/personer/{person}/bekreftet", "/stab/personer/{person}/avmeld")),
        ("seat_offered", ("/stab/plasser/{seat}/svar",)),
        ("group_confirmed", ("/stab/ring/{mail}/sagt", "/stab/plasser/{seat}/svar")),
        ("talk_to_come", ("/stab/personer/{person}/informasjon", "/stab/personer/{person}/samtale")),
    ],
)
async def test_answers_post_to_the_service_that_owns_the_question(
    desk: Desk, kind: str, paths: tuple[str, ...]
) -> None:
    person = phone_only(desk)
    if kind == "address_to_confirm":
        await desk.deliver(person.received(by_mail=False))
    elif kind == "talk_to_come":
        await desk.deliver(person.confirmed(awaits=("read", "talk")))
    elif kind == "seat_offered":
        await offered(desk, person)
    else:
        await called(desk, person)
    await desk.mailer()
    mail = await desk.call(person, kind)
    html = await desk.page(mail.id)
    for path in paths:
        assert f'action="{path.format(person=person.id, seat=mail.seat_id, mail=mail.id)}"' in html


@pytest.mark.parametrize(
    ("neste", "shown"),
    [
        ("/stab/post?vis=ring", "/stab/post?vis=ring"),
        ("/stab/", "/stab/"),
        ("https://evil.example/", "/stab/"),
        ("//evil.example/stab/", "/stab/"),
        ("/stab//evil.example", "/stab/"),
        ("/stab/../plass/x", "/stab/"),
        ("/\\evil.example", "/stab/"),
        ("javascript:alert(1)", "/stab/"),
    ],
)
async def test_buttons_lead_back_to_staff_pages_only(desk: Desk, neste: str, shown: str) -> None:
    person = phone_only(desk)
    await called(desk, person)
    mail = await desk.call(person, "group_confirmed")
    async with desk.client() as client:
        html = (await client.get(f"/stab/ring/{mail.id}", params={"neste": neste, "oppgave": TASK})).text
    assert f'name="neste" value="{shown}"' in html
    assert f'name="oppgave" value="{TASK}"' in html
    assert "evil" not in html.partition("<main")[2].partition("</main>")[0]
    answer = await desk.press(mail, "sagt", neste=neste, oppgave=TASK)
    assert answer.status_code == 303
    assert "evil" not in answer.headers["location"]
    assert answer.headers["location"].startswith("/stab/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"igjen": "valgt"}, "Velg dag og klokkeslett"),
        ({"igjen": "valgt", "dag": "2026-01-06"}, "Velg dag og klokkeslett"),
        ({"igjen": "valgt", "dag": "2026-01-04", "klokken": "10:00"}, "fram i tid"),
        ({"igjen": "valgt", "dag": "2026-01-06", "klokken": "21:30"}, "mellom kl. 8 og 20"),
        ({"igjen": "valgt", "dag": "2026-01-10", "klokken": "10:00"}, "på en hverdag"),
        ({"igjen": "valgt", "dag": "2026-01-09", "klokken": "10:00"}, "Da er fristen ute"),
        ({"igjen": "valgt", "dag": "i morgen", "klokken": "10:00"}, "Dag"),
        *(
            ({"igjen": "valgt", "dag": day, "klokken": "10:00"}, "Stemmer året?")
            for day in ("0001-01-01", "0026-01-06", "2206-01-06", "2999-12-31", "9999-12-31")
        ),
        ({"igjen": "en gang"}, ""),
        ({}, ""),
    ],
)
async def test_next_call_at_impossible_time_is_refused_in_words(desk: Desk, fields: dict[str, str], said: str) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    answer = await desk.press(mail, "ikke-svar", **fields)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert f'value="{fields.get("klokken", "")}"' in answer.text
    assert [task.facts["attempts"] for task in await desk.tasks()] == [0]


async def test_next_call_at_chosen_time_hides_the_task_until_then(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    answer = await desk.press(mail, "ikke-svar", igjen="valgt", dag="2026-01-06", klokken="14:30")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stab/")
    (task,) = await desk.tasks()
    assert task.visible_from == datetime(2026, 1, 6, 14, 30, tzinfo=OSLO_TZ)
    assert "kari fikk ikke svar" in words(await desk.page(mail.id))


async def test_call_of_another_centre_is_not_found(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    acts = ("sagt", "ikke-svar", "notert")
    for member, status in ((ELSEWHERE, 404), (IGANGSETTER, 403), (None, 303)):
        async with desk.client(member) as client:
            assert (await client.get(f"/stab/ring/{mail.id}")).status_code == status
            for act in acts:
                assert (await client.post(f"/stab/ring/{mail.id}/{act}")).status_code == status
    async with desk.client() as client:
        assert (await client.get(f"/stab/ring/{uuid4()}")).status_code == 404
        for act in acts:
            assert (await client.post(f"/stab/ring/{mail.id}/{act}")).status_code == 403
            assert (await client.get(f"/stab/ring/{mail.id}/{act}")).status_code == 405
    assert [question for question in desk.intake.questions if question.purpose == "call"] == []


async def test_mail_without_call_has_no_page(desk: Desk) -> None:
    person = desk.intake.add(Person())
    await desk.deliver(person.ready())
    await desk.mailer()
    mail = await desk.call(person, "on_the_list")
    async with desk.client() as client:
        assert (await client.get(f"/stab/ring/{mail.id}")).status_code == 404


async def test_closed_call_says_why_and_opens_no_number(desk: Desk) -> None:
    person = phone_only(desk)
    group = await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    await desk.deliver(group.taken(person))
    text = words(await desk.page(mail.id))
    assert "Her er det ikke mer å ringe om. Spørsmålet er besvart." in text
    assert "912" not in without_tokens(text)
    assert (await desk.press(mail, "ikke-svar", igjen="snart")).status_code in {403, 409}


async def test_person_who_phones_back_gets_the_same_buttons(desk: Desk) -> None:
    person = desk.intake.add(Person())
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    assert mail.status == "sent"
    html = await desk.page(mail.id)
    assert f'action="/stab/plasser/{mail.seat_id}/svar"' in html
    assert "ikke-svar" not in html
    async with desk.client() as client:
        assert f"/stab/ring/{mail.id}" in (await client.get(f"/stab/post/{mail.id}")).text


async def test_list_of_calls_is_in_words_and_leads_to_the_call(desk: Desk) -> None:
    person = phone_only(desk, language="nn")
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    async with desk.client() as client:
        listed = (await client.get("/stab/post?vis=ring")).text
        page = (await client.get(f"/stab/post/{mail.id}")).text
        elsewhere = (await client.get("/stab/post?vis=ikke-nadd")).text
    assert f"/stab/ring/{mail.id}" in listed
    assert "Ring: Tilbud om plass" in words(listed)
    assert "Ingen her nå." in words(elsewhere)
    text = words(page)
    for said in ("nynorsk", "Må ringes", "Ring", "Åpne personen", "tirsdag kveld"):
        assert said in text
    for hidden in (str(person.id), str(mail.group_id), "Send på nytt", "Jeg har ringt"):
        assert hidden not in text


async def test_call_waits_with_a_sentence_while_intake_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    mail = await desk.call(person, "seat_offered")

    def away(_question: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(desk.intake, "answer", away)
    assert "svarer ikke akkurat nå" in words(await desk.page(mail.id))


async def test_two_groups_of_one_person_are_two_parts_of_one_page(desk: Desk) -> None:
    person = phone_only(desk)
    await called(desk, person)
    other = Group([person])
    await desk.deliver(other.offered(person))
    await desk.mailer()
    text = words(await desk.page((await desk.call(person, "group_confirmed")).id))
    assert "Si dette: Tid og sted" in text
    assert "Si dette: Tilbud om plass" in text
    assert text.count("Snakker jeg med Kari?") == 1


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_next_calls_are_in_staff_hours_and_later(minutes: int) -> None:
    now = NOON + timedelta(minutes=minutes)
    for at in (rules.again_later(now), next_morning(now)):
        assert rules.in_staff_hours(at)
        assert now < at <= now + timedelta(days=7)
        assert not is_day_off(at.astimezone(OSLO_TZ).date())


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ((2026, 4, 1), (2026, 4, 7)),  # Wednesday before Easter
        ((2026, 4, 30), (2026, 5, 4)),  # 1 May is a Friday
        ((2027, 5, 14), (2027, 5, 18)),  # 17 May is also the Monday of Whitsun
        ((2026, 5, 13), (2026, 5, 15)),  # Ascension
        ((2026, 12, 23), (2026, 12, 28)),  # Christmas
        ((2026, 12, 30), (2027, 1, 4)),  # New Year
        ((2026, 3, 30), (2026, 3, 31)),  # Monday of Holy Week is a working day
    ],
)
def test_no_calls_on_holidays(last: tuple[int, int, int], first: tuple[int, int, int]) -> None:
    evening = datetime(*last, 19, tzinfo=OSLO_TZ)
    morning = datetime(*first, 9, tzinfo=OSLO_TZ)

    assert rules.in_staff_hours(evening)
    assert rules.again_later(evening) == next_morning(evening) == morning


async def test_changed_text_is_read_aloud_and_accepted_by_its_version(desk: Desk) -> None:
    person = phone_only(desk)
    await desk.deliver(person.ready(), person.texts_asked("consent", "information"))
    mail = await desk.call(person, "texts_changed")
    html = await desk.page(mail.id)
    text = words(html)
    for said in (
        "Jeg leser den opp nå",
        "Dette lagrer vi",
        "Hva gruppa er",
        "Sier du ja til dette?",
        "Vil ta en pause",
    ):
        assert said in text
    assert f'action="/stab/personer/{person.id}/tekst"' in html
    policy = centres.load().all[1].policy
    assert f'name="consent" value="{policy.consent_version}"' in html
    assert f'name="information" value="{policy.information_version}"' in html
