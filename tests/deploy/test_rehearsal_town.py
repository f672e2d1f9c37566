"""The rules of the town: hours of work, what became of tasks, the story, and the words of the summary."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.pofile import read_po

import intake
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.store import Store
from selvhjelp.rehearsal.forms import forms_of
from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.cast import Cast
from selvhjelp.rehearsal.town.groups import TownGroup
from selvhjelp.rehearsal.town.hours import next_at_work
from selvhjelp.rehearsal.town.ledger import Ledger, OpenTask, Outcome
from selvhjelp.rehearsal.town.pages import with_value, with_words
from selvhjelp.rehearsal.town.story import STORY, Deed
from selvhjelp.rehearsal.town.summary import PersonSummary, Summary
from selvhjelp.rehearsal.visitor import Mail
from shared.reference import centres
from shared.reference.slots import SLOTS
from shared.reference.task_kinds import TASK_KINDS
from shared.timezone import OSLO_TZ


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO_TZ)


def task(number: int, *, urgent: bool = False, overdue: bool = False) -> OpenTask:
    return OpenTask(UUID(int=number), "call", urgent, overdue, "/stab/ring/x")


@pytest.mark.parametrize(
    ("now", "at_work"),
    [
        ("2027-01-05 09:00", "2027-01-05 09:00"),
        ("2027-01-05 15:59", "2027-01-05 15:59"),
        ("2027-01-05 06:30", "2027-01-05 09:00"),
        ("2027-01-05 16:00", "2027-01-06 09:00"),
        ("2027-01-08 20:00", "2027-01-11 09:00"),
        ("2027-01-09 12:00", "2027-01-11 09:00"),
        ("2027-03-24 17:00", "2027-03-30 09:00"),
    ],
    ids=["morning", "last-minute", "early", "evening", "friday", "saturday", "easter"],
)
def test_next_at_work_skips_nights_and_days_off(now: str, at_work: str) -> None:
    assert next_at_work(oslo(now)) == oslo(at_work)


def test_ledger_task_closed_at_work_is_done_in_time() -> None:
    ledger = Ledger()
    ledger.see([task(1, urgent=True)], at_work=True)
    ledger.see([], at_work=True)
    assert ledger.counts() == {"call": Counter({Outcome.DONE: 1})}


@pytest.mark.parametrize("later", [task(1, urgent=True), task(1, overdue=True)], ids=["urgent", "overdue"])
def test_ledger_task_left_until_it_presses_is_late(later: OpenTask) -> None:
    ledger = Ledger()
    for seen in ([task(1)], [later], []):
        ledger.see(seen, at_work=True)
    assert ledger.outcomes == {UUID(int=1): Outcome.LATE}


def test_ledger_task_gone_while_away_has_passed_and_the_rest_is_left() -> None:
    ledger = Ledger()
    ledger.see([task(1), task(2)], at_work=True)
    ledger.see([task(2)], at_work=False)
    assert ledger.counts() == {"call": Counter({Outcome.PASSED: 1, Outcome.LEFT: 1})}


def test_ledger_task_that_nobody_could_do_is_not_counted() -> None:
    ledger = Ledger()
    for seen in ([task(1)], []):
        ledger.see(seen, at_work=False)
    assert ledger.counts() == {}


def test_ledger_task_that_comes_back_is_open_again() -> None:
    ledger = Ledger()
    for seen in ([task(1)], [], [task(1)]):
        ledger.see(seen, at_work=True)
    assert ledger.counts() == {"call": Counter({Outcome.LEFT: 1})}


def deeds() -> Iterator[tuple[set[str], Deed]]:
    for circle in STORY:
        for deed in circle.deeds:
            yield {role.name for role in circle.roles}, deed


def test_story_names_are_told_apart_and_deeds_have_their_people() -> None:
    names = [role.name for circle in STORY for role in circle.roles]
    assert len(names) == len(set(names))
    assert all(set(deed.names) <= people for people, deed in deeds())
    assert {deed.act for _, deed in deeds()} == {"give_up_seat", "leave", "conflict", "visit", "dissolve", "alive"}
    assert {circle.slot for circle in STORY} <= set(SLOTS)
    assert [circle.day for circle in STORY] == sorted(circle.day for circle in STORY)
    assert max(circle.day for circle in STORY) < 730


def test_meanings_every_kind_that_a_coordinator_sees_has_one() -> None:
    of_admins = {"mail_server", "dead_letters", "lending_deadline"}
    for kind in TASK_KINDS.keys() - of_admins:
        for outcome in Outcome:
            (sentence,) = words.meanings(kind, Counter({outcome: 1}))
            assert sentence not in words.OTHER, kind


def test_buttons_of_the_coordinator_are_on_pages() -> None:
    services = Path(str(intake.__file__)).parents[2]
    msgids = {
        message.id if isinstance(message.id, str) else message.id[0]
        for path in services.glob("*/*/locales/en/LC_MESSAGES/*.po")
        for message in read_po(BytesIO(path.read_bytes()))
    }
    assert len(msgids) > 500
    assert [text for text in words.BUTTONS if not any(msgid.startswith(text) for msgid in msgids)] == []


def test_meanings_done_and_left_of_one_kind_are_both_told() -> None:
    counts = Counter({Outcome.DONE: 2, Outcome.LEFT: 1})
    assert words.outcomes(counts) == "2 gjort i tide, 1 står igjen"
    assert len(words.meanings("call", counts)) == 2


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["Kari"], "Kari"), (["Kari", "Ola"], "Kari og Ola"), (list("ABC"), "A, B og C")]
)
def test_listed_names_make_a_phrase(names: list[str], text: str) -> None:
    assert words.listed(names) == text


def test_summary_tells_people_groups_and_tasks_in_words_and_as_data() -> None:
    people = (
        PersonSummary("Kari", 8, gone=False),
        PersonSummary("Ola", 20, gone=True),
        PersonSummary("Astrid", None, gone=False),
    )
    tasks = (("call", "Ringe", Counter({Outcome.DONE: 1, Outcome.PASSED: 1})),)
    summary = Summary(730, people, (("Oslo sentrum, tirsdag kveld", "independent", 5),), tasks)
    text = "\n".join(summary.lines())
    for sentence in (
        "Det gikk to år i øvingsbyen",
        "3 meldte seg på, og 2 av dem kom med i en gruppe. Halvparten ventet 14 dager eller kortere",
        "Uten gruppe: Astrid.",
        "Meldte seg av eller sluttet: Ola.",
        "Oslo sentrum, tirsdag kveld: møtes på egen hånd. Den begynte med 5.",
        "Oppgavene dine: 1 gjort i tide, 1 gikk over av seg selv",
        words.MEANINGS["call"][0],
        words.MEANINGS["call"][1],
    ):
        assert sentence in text
    assert summary.as_json()["people"] == {"signed_up": 3, "got_a_group": 2, "left": 1, "median_wait_days": 14}
    assert summary.as_json()["tasks"] == {"call": {"done": 1, "passed": 1}}


def test_summary_of_nothing_is_whole_sentences() -> None:
    text = "\n".join(Summary(1, (), (), ()).lines())
    assert "Det gikk 1 dag i øvingsbyen" in text
    assert "Ingen meldte seg på." in text
    assert "Oppgavene dine: ingen" in text


def test_group_that_nobody_was_told_about_is_discarded() -> None:
    moment = oslo("2027-01-05 09:00")
    assert TownGroup("A", {"drafted": moment, "cancelled": moment}).was_discarded
    assert not TownGroup("A", {"proposed": moment, "cancelled": moment}).was_discarded


def test_forms_keep_values_choices_and_text_areas() -> None:
    page = (
        '<form method="post" action="/x"><input name="day" value="2027-01-05"><input name="off" value="1" disabled>'
        '<input type="checkbox" name="who" value="a"><input type="checkbox" name="who" value="b" checked>'
        '<textarea name="reason"> hei </textarea>'
        '<button name="act" value="leave">Ja, <b>jeg</b> slutter</button></form>'
    )
    (form,) = forms_of(page)
    assert form.fields == {"day": "2027-01-05", "who": "b", "reason": "hei"}
    assert form.choices == {"who": ["a"]}
    assert with_value([form], "nothing", "leave") == (form, form.buttons[0])
    assert with_words([form], "Ja, jeg") == (form, form.buttons[0])
    assert with_value([form], "other") is None


def test_mail_links_are_found_by_their_path_in_every_language() -> None:
    text = "http://x.example/plass/aaa http://x.example/nn/gruppe/bbb http://x.example/igangsetter/invitasjon/ccc"
    mail = Mail("1", "m", "a@example.org", "Hei", text, "", ())
    assert {path: link.rpartition("/")[2] for path, link in mail.links().items()} == {
        "plass": "aaa",
        "gruppe": "bbb",
        "igangsetter/invitasjon": "ccc",
    }


def test_deed_delay_before_a_meeting_is_negative() -> None:
    assert Deed("meeting", -2.5, "give_up_seat", ("Per",)).delay == -timedelta(days=2, hours=12)


@pytest.mark.parametrize("path", ["gruppe", "gruppelenke"])
def test_cast_first_link_to_the_group_means_that_it_has_started(path: str, tmp_path: Path) -> None:
    """Where a group starts on its own, its members get only the link of the group."""
    centre = centres.load().get("link-oslo")
    assert centre is not None
    cast = Cast("http://localhost:1", Store(tmp_path), Faults(), centre, lambda _: None)
    person, now = cast.people[0], oslo("2027-01-12 20:00")
    person.waits_since = oslo("2027-01-04 09:00")
    cast.learn(person, Mail("1", "m", person.email, "Hei", f"http://x.example/{path}/abc", "", ()), now)
    assert vars(person) | {"placed_at": now, "waits_since": None} == vars(person)
    assert (person.alone_at == now) is (path == "gruppelenke")
