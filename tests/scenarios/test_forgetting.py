"""After the handover of a group of which nothing is kept, no place in the system links two of its members."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from intake.vault.receipt import verified
from shared.kit.logging import line_processors
from shared.reference.log_fields import LOG_FIELDS
from shared.reference.retention import Data
from tests.scenarios.support.forgetting import Known, age_events, known_ids, last_of_streams, scan, spread_erasures
from tests.scenarios.support.people import Participant, Visitor, signed_in, today, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of all services, written as in production."""
    lines, earlier = io.StringIO(), structlog.get_config()
    structlog.configure(
        processors=[*line_processors(LOG_FIELDS), structlog.processors.JSONRenderer(default=str)],
        logger_factory=structlog.PrintLoggerFactory(lines),
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=False,
    )
    yield lines
    structlog.configure(**earlier)


async def handed_over(town: Town) -> tuple[Visitor, list[Participant], Known]:
    """A group of LINK Bergen has started, with acts of staff about members, and says that it is ready to go on."""
    staff = await signed_in(town, "berit", "link-bergen")
    people = []
    for number, name in enumerate(NAMES):
        person = Participant(town, name, f"{name.lower()}@example.org")
        await person.sign_up()
        town.clock.move(timedelta(minutes=7, seconds=number))
        await person.confirm()
        people.append(person)
        town.clock.move(timedelta(minutes=41, seconds=number))
    await town.at_rest()
    for person in people:
        await person.say("yes")
        town.clock.move(timedelta(minutes=3, seconds=1))
    await town.move(timedelta(days=20))
    known = await known_ids(town)
    assert len(known.members) == 5
    for person in people:
        await person.look("gruppe")
    await people[0].press_link("gruppe", "Jeg kan ikke komme")
    await today(staff)
    (group,) = await town.rows("grouping", "SELECT id FROM groups")
    assert (await staff.open(f"/stab/grupper/{group['id']}")).status == 200
    await plant(town)
    for person in people:
        await person.press_link("gruppe", "Ja, vi er klare")
    return staff, people, known


async def plant(town: Town) -> None:
    """Write an act of staff about each member in the group, as those of the telephone and of moves are written."""
    acts = (
        "INSERT INTO audit_log (at, actor, action, object_kind, object_id, scope, details) "
        "SELECT now() - random() * interval '9 days', 'berit', 'seat.accepted_by_phone', 'signup', signup_id::text, "
        "'bergen', "
        "jsonb_build_object('centre', 'link-bergen', 'group_id', group_id::text) FROM seats"
    )
    async with town.databases["grouping"].transaction() as session:
        await (await session.connection()).exec_driver_sql(acts)


async def test_scan_after_handover_finds_no_link_between_members(
    town: Town, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread_erasures(monkeypatch)
    staff, people, known = await handed_over(town)
    assert list((await scan(town, [])).links(known)), "the scan sees links while there are some"

    (forgotten,) = await town.rows("grouping", "SELECT forget_at AS at FROM group_lives")
    await town.move_to(forgotten["at"] + timedelta(minutes=1))
    assert await town.rows("intake", "SELECT 1 FROM people"), "they are not erased yet"
    last = await last_of_streams(town)
    await age_events(town, Data.SENT_EVENT)
    now = await scan(town, log.getvalue().splitlines(), after=last)
    (life,) = await town.rows("grouping", "SELECT state, forgotten FROM group_lives")
    assert life == {"state": "independent", "forgotten": True}
    assert "\n".join(now.links(known)) == ""

    await town.move(timedelta(days=40))
    await age_events(town, Data.DEAD_LETTER)
    later = await scan(town, log.getvalue().splitlines(), after=last)
    assert "\n".join(later.links(known)) == ""

    visitor = Visitor(town)
    page = await visitor.open(people[0].link("gruppelenke"))
    assert page.heading == "Gruppas egen lenke"
    await visitor.press("Be senteret om å komme")
    await town.at_rest()
    assert "besøk" in (await staff.open("/stab/")).text.lower()


def _hexed(id_: object) -> str:
    return f"%{str(id_).encode().hex()}%"


async def test_receipt_of_an_erasure_says_what_a_scan_finds(town: Town) -> None:
    (kari,) = await waiting(town, "Kari")
    owner = Visitor(town)
    await owner.open("/min-side")
    await owner.press("Send meg lenken", email=kari.email)
    await town.at_rest()
    await owner.open(kari.link("min-side"))
    await owner.press(next(owner.page.buttons())[1].label)
    (person,) = await town.rows("intake", "SELECT person_id AS id FROM people")
    before = set(await town.places_of(str(person["id"])))
    assert {"grouping.waiting", "notify.mails", "intake.signups"} <= before

    await owner.open("/min-side/slett")
    await owner.press("Ja, slett for godt")
    await town.at_rest()
    await owner.click("Se en signert kvittering")
    assert "blir slettet nå" not in owner.page.text
    answer = await owner.client.get(owner.page.link("Last ned kvitteringen"))
    statement = verified(answer.text, (await owner.client.get("/kvittering/nokkel")).text.strip())
    assert statement is not None
    assert [sum(statement["deleted"][service].values()) > 0 for service in ("intake", "grouping", "notify")] == [
        True
    ] * 3

    await town.forget_events()
    left = set(await town.places_of(str(person["id"])))
    of_ids = {"erasures", "erasure_reports", "forgotten", "contact_readings", "outbox"}
    assert {place.partition(".")[2] for place in left} == of_ids, "and no stream"
    (naming,) = await town.rows(
        "intake", "SELECT subject FROM outbox WHERE payload::text LIKE $1", _hexed(person["id"])
    )
    assert naming["subject"] == "people.erased.v1", "only the erasure itself names the person"
    assert await town.places_of("kari@example.org") == []
