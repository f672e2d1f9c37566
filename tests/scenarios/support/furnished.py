"""A centre in the middle of its work: groups in every state, people at every step, calls, mails, rooms and helpers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from selvhjelp.mailbox.faults import Reply
from shared.kit.dead_letter_task import sync_task
from tests.scenarios.support.people import Participant, Visitor, confirmed_group, say_yes, signed_in, waiting
from tests.scenarios.support.town import Town

CENTRE: Final = "link-bergen"
AREA: Final = "bergen"


@dataclass(frozen=True)
class Centre:
    """
    The furnished centre.

    Attributes:
        staff: A coordinator and admin, signed in.
        ids: Ids that routes name, by parameter: the most telling object first.
    """

    town: Town
    staff: Visitor
    ids: Mapping[str, tuple[str, ...]]


async def furnished(town: Town) -> Centre:
    """Fill the centre in Bergen with people and groups, by pages and links only."""
    await confirmed_group(town, "Sol", "Siv", "Stig", "Sara", "Svein", slots=["sat-day"])
    await waiting(town, "Vigdis", slots=["sun-morning"])
    town.clock.move(timedelta(days=93))
    await town.run_jobs()
    await _without_withdrawn(town)
    await confirmed_group(town, "Ada", "Bo", "Cia", "Dag", "Eva", slots=["fri-evening"])
    await town.move(timedelta(days=9))
    staff = await signed_in(town, "berit", CENTRE, role="koordinator admin")
    await town.add_staff("tora", CENTRE)
    await _without_igangsetter(town, staff)
    await _groups(town, staff)
    await _igangsetter(town, staff)
    await _registers(staff)
    await _mails_and_calls(town)
    await _talks(town, staff)
    await _meeting(town, staff)
    await _message(staff)
    await town.broker.jetstream().publish("signups.ready.v1", b"{}")
    await town.at_rest()
    for app in town.apps.values():
        service = app.state.service
        await sync_task(service.database, service.dead_letters, service.task_book, service.name, service.clock)
    await town.run_jobs()
    await town.at_rest()
    await staff.open("/stab/")
    return Centre(town, staff, await _ids(town))


async def _without_withdrawn(town: Town) -> None:
    """
    Delete the reminders that were planned and withdrawn in the moment in which three months pass.

    Notify plans those of the next meetings only, and many meetings become known at once, in any order: how many it
    withdraws again is different in each run. Where time passes by the day it plans none too many.
    """
    await town.at_rest()
    async with town.looking:
        await town.looks["notify"].execute(
            "DELETE FROM mails WHERE kind = 'weekly_reminder' AND status = 'cancelled' AND settled_at = created_at"
        )


async def _without_igangsetter(town: Town, staff: Visitor) -> None:
    """Let a group start with the start sheet in the place of an igangsetter."""
    await confirmed_group(town, "Una", "Ulf", "Ulla", "Unn", "Urd", slots=["thu-morning"])
    await staff.open(await _group(town, "thu-morning"))
    await staff.press("La gruppa starte uten igangsetter")


async def _meeting(town: Town, staff: Visitor) -> None:
    """Plan a meeting for igangsettere, and send its invitations."""
    day = (town.clock.now() + timedelta(days=30)).date().isoformat()
    await staff.open("/stab/moter/nytt")
    hours = {"begins": "18:00", "ends": "20:00"}
    await staff.press("Lagre og se hvem det gjelder", for_whom="igangsettere", day=day, place="Strandgaten 6", **hours)
    await staff.press("Send invitasjonene")
    assert "invitasjonene er sendt" in staff.page.text


async def _message(staff: Visitor) -> None:
    """Write a message to the igangsettere, and leave it as a draft."""
    await staff.open("/stab/meldinger/ny")
    words = {"subject_nb": "Nye tider", "body_nb": "Fra mandag er huset åpent til klokka ni."}
    await staff.press("Lagre og se hvordan den blir", to=f"igangsettere:{CENTRE}", **words)
    assert "utkast, ikke sendt" in staff.page.text


async def _igangsetter(town: Town, staff: Visitor) -> None:
    """Invite an igangsetter, who is asked about the group on Friday evening."""
    await staff.open("/stab/kontoer/ny")
    await staff.press("Inviter", name="Iga Igesen", email="iga@example.org")
    await town.at_rest()
    helper = Visitor(town)
    await helper.open(Participant(town, "Iga", "iga@example.org").link("igangsetter/invitasjon"))
    await helper.press("Ja, jeg vil være igangsetter")
    await town.at_rest()
    times = {"place": "5003", "reach_km": "30", "slots": ["fri-evening"], "languages": ["nb"]}
    await helper.press("Lagre", label="Den røde", groups_at_once="1", **times)
    await town.run_jobs()
    await town.at_rest()


async def _registers(staff: Visitor) -> None:
    """Come after the groups, so that these ask whom they ask."""
    slots = ["fri-evening", "tue-evening"]
    await staff.open("/stab/igangsettere/ny")
    await staff.press(
        "Lagre", label="Den blå", place="5003", reach_km="30", slots=slots, languages=["nb"], groups_at_once="2"
    )
    await staff.open("/stab/rom/nytt")
    await staff.press("Lagre", name="Møterom 2", address="Strandgaten 6", place="5003", seats="9", slots=["sun-day"])
    assert staff.page.path == "/stab/rom", staff.page.text
    await staff.open("/stab/rom/frister")
    await staff.press("Lagre", lender="Kommunen", what="faste lån for høsten", month="5", day="1")
    assert "faste lån for høsten" in staff.page.text


async def _groups(town: Town, staff: Visitor) -> None:
    """Let one group look for members, put one off, cancel one and draft one."""
    looking = await waiting(town, "Frid", "Gro", "Hege", "Ivar", slots=["thu-evening"])
    await Participant(town, "Jorunn", mobile="+4791234561").sign_up(slots=["thu-evening"])
    await staff.open(await _person(town))
    await staff.press("Bekreftet på telefon")
    await town.at_rest()
    if staff.page.has_button("Har lest informasjonen") or (await staff.open(staff.page.path)).has_button("Har lest"):
        await staff.press("Har lest informasjonen")
        await town.at_rest()
    await say_yes(looking[:3])
    await looking[3].say("no")
    await confirmed_group(town, "Kari", "Kaia", "Kim", "Knut", "Klara", slots=["mon-evening"])
    await staff.open(await _group(town, "mon-evening"))
    await staff.press("Utsett møtet")
    await confirmed_group(town, "Lea", "Leif", "Liv", "Lars", "Lone", slots=["wed-evening"])
    await town.move(timedelta(hours=2))  # nobody reads that a group is cancelled in the hour of its offer
    await staff.open(f"{await _group(town, 'wed-evening')}/avlys")
    await staff.press("Avlys gruppa")  # which puts the area on hold
    await town.at_rest()
    await waiting(town, "Mai", "Mia", "Mads", "Mona", "Morten", slots=["sun-evening"])
    await staff.open(f"/stab/omrader/{AREA}")
    await staff.press("Begynn med 5", **await _newest_cell(staff))
    await town.at_rest()


async def _mails_and_calls(town: Town) -> None:
    await Participant(town, "Marit", mobile="+4791234567").sign_up(slots=["wed-morning"])
    await Participant(town, "Kari", "kari.to@example.org").sign_up(slots=["sat-day"])
    town.faults.add(Reply(kind="reply", code=550, text="5.1.1 No such user", stage="rcpt"))
    await Participant(town, "Per", "per@example.org").sign_up(slots=["sat-day"])
    await town.at_rest()
    town.faults.add(Reply(kind="reply", code=550, text="5.7.1 Sender refused", stage="mail"))
    await Participant(town, "Pia", "pia@example.org").sign_up(slots=["sat-day"])
    await town.at_rest()


async def _talks(town: Town, staff: Visitor) -> None:
    """Open times for talks; Mai picks the first."""
    await staff.open("/stab/forsamtaler")
    day = town.clock.now() + timedelta(days=3)
    await staff.press("Åpne tidene", dag=f"{day:%Y-%m-%d}", klokken="10:00", antall="2", hos="Berit")
    await town.at_rest()
    visitor = Visitor(town)
    await visitor.open(Participant(town, "Mai", "mai@example.org").link("prat"))
    await visitor.press("10.00", mobile="+4791234562")
    assert "Tiden er din." in visitor.page.text
    await town.at_rest()


async def _person(town: Town) -> str:
    row = (await town.rows("intake", "SELECT person_id FROM signups WHERE state = 'received'"))[0]
    return f"/stab/personer/{row['person_id']}"


async def _group(town: Town, slot: str) -> str:
    row = (await town.rows("grouping", "SELECT id FROM groups WHERE slot = $1 ORDER BY created_at DESC", slot))[0]
    return f"/stab/grupper/{row['id']}"


async def _newest_cell(staff: Visitor) -> dict[str, Any]:
    """Return the fields of the button for a group on Sunday evening."""
    form = next(
        form
        for form, button in staff.page.buttons()
        if button.label.startswith("Begynn med") and "sun-evening" in form.fields.get("cell", [""])[0]
    )
    return {"cell": form.fields["cell"][0], "size": form.fields["size"][0]}


_IDS: Final = {
    "group_id": ("grouping", "SELECT id FROM groups WHERE centre = $1 ORDER BY state = 'confirmed' DESC, created_at"),
    "seat_id": (
        "grouping",
        (
            "SELECT s.id FROM seats s JOIN groups g ON g.id = group_id WHERE centre = $1"
            " ORDER BY s.state, g.created_at, s.id"
        ),
    ),
    "signup_id": (
        "grouping",
        "SELECT signup_id AS id FROM waiting WHERE centre = $1 ORDER BY status = 'waiting' DESC, signed_up_at",
    ),
    "question_id": (
        "grouping",
        "SELECT q.id FROM starter_questions q JOIN groups g ON g.id = group_id WHERE centre = $1",
    ),
    "account_id": ("intake", "SELECT account_id AS id FROM accounts WHERE centre = $1"),
    "igangsetter_id": ("grouping", "SELECT id FROM igangsettere WHERE centre = $1"),
    "room_id": ("grouping", "SELECT id FROM rooms WHERE centre = $1"),
    "person_id": (
        "intake",
        "SELECT person_id AS id FROM signups WHERE centre = $1 GROUP BY person_id ORDER BY min(signed_up_at)",
    ),
    "user_id": (
        "intake",
        "SELECT user_id AS id FROM staff_users WHERE $1 = ANY (centres) ORDER BY username = 'tora' DESC",
    ),
    "deadline_id": ("grouping", "SELECT id FROM lending_deadlines WHERE centre = $1"),
    "time_id": ("intake", "SELECT time_id AS id FROM talk_times WHERE centre = $1 ORDER BY starts_at"),
    "kontaktmote_id": ("notify", "SELECT id FROM kontaktmoter WHERE centre = $1"),
    "message_id": ("notify", "SELECT id FROM centre_messages WHERE centre = $1"),
    "mail_id": ("notify", "SELECT id FROM mails WHERE centre = $1 ORDER BY status, created_at"),
}


async def _ids(town: Town) -> dict[str, tuple[str, ...]]:
    ids = {
        name: tuple(str(row["id"]) for row in await town.rows(service, query, CENTRE))
        for name, (service, query) in _IDS.items()
    }
    files = {"year": ("2026",), "name": ("tall.csv",)}
    return {**ids, **files, "area_id": (AREA,), "centre_id": (CENTRE,), "mail_kind": ("on_the_list",)}
