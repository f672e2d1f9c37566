"""
By what somebody could learn of a quiet pair (decision 54): one test for each, which fails if it tells.

Kari names Ola, whom the system knows; Eva names an address that nobody has. All four have the same wishes and the same
waiting time. So whatever Ola is shown must be what Nils is shown, and whatever Kari is shown must be what Eva is shown.
Then Ida comes: five wait, and would be a group without the pair.

What a press does is in tests/intake/test_quiet_pairs*.py: its statements, its answer, the causes of its events. What
staff are refused is in tests/grouping/test_quiet_pairs.py.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY, generate_latest

from devtools.local.nats import Nats
from devtools.testing.databases import Cluster, Databases
from devtools.testing.fixtures import MONDAY_NOON
from devtools.testing.identities import renew_streams
from selvhjelp.mailbox.store import Mail
from shared.kit.clock import ManualClock
from tests.scenarios.support.log import written_log
from tests.scenarios.support.page import Page
from tests.scenarios.support.people import Participant, Visitor, signed_in, waiting
from tests.scenarios.support.town import Town, running_town
from tests.scenarios.test_changes import own_page

pytestmark = pytest.mark.system

NAMES: Final = ("Kari", "Eva", "Ola", "Nils")
NOBODY: Final = "nobody@example.org"
TWINS: Final = [("Ola", "Nils"), ("Kari", "Eva")]
"""Whom a pair is about, and beside them somebody of whom all else is the same."""

STAFF_PAGES: Final = (
    "/stab/", "/stab/personer", "/stab/omrader", "/stab/omrader/bergen", "/stab/grupper", "/stab/igangsettere",
    "/stab/tall", "/stab/post", "/stab/post?vis=sendt", "/stab/forsamtaler",
    "/stab/hendelser", "/stab/historikk", "/stab/hjelp",
)  # fmt: skip
"""Lists, boards, counts and logs that no one person is the subject of."""

_LONG: Final = re.compile(r"[\w-]{16,}", re.ASCII)
_SINGLE: Final = re.compile(r'name="_csrf" value="[^"]*"|(?<=kl. 12.00) \(\d\)')
_NAME: Final = re.compile("|".join(rf"\b{name}\b" for name in (*NAMES, "Ida")), re.IGNORECASE)
_OF_JOBS: Final = frozenset({"stream_refilled", "streams_not_checked"})
"""Lines of the job that looks at streams each minute, whoever does what."""
_CLOCKED: Final = frozenset({"timestamp", "seconds", "duration", "ms", "correlation_id"})


def plain(text: str) -> str:
    """Return a text without names and numbers in a queue, and without ids and tokens of links and forms."""
    return _LONG.sub("…", _NAME.sub("·", _SINGLE.sub("", text)))


@dataclass
class Seen:
    """
    What everybody was shown.

    Attributes:
        shown: By the kind of thing, then by person.
        lists: Pages of staff before the names were given, and after.
        logged: The log of a press or a sign-up and of what follows, by who pressed.
        audit: The audit logs of all services before and after.
        places: Tables and streams that have the pair's id.
        found: Who is found by an address, of people who were named.
        metrics: What the three services tell about themselves.
        ids: Ids and addresses of the pair.
    """

    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, tuple[str, str]] = field(default_factory=dict)
    logged: dict[str, str] = field(default_factory=dict)
    audit: tuple[list[str], list[str]] = ([], [])
    places: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    metrics: str = ""
    ids: tuple[str, ...] = ()

    def note(self, kind: str, name: str, text: str) -> None:
        self.shown.setdefault(kind, {})[name] = plain(text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(
    database_cluster: Cluster, nats_server: Nats, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Seen]:
    """Let the story happen once, and end the town before the first test looks."""
    databases = Databases(database_cluster)
    if not nats_server.alive:
        nats_server.start()
    await renew_streams(nats_server.url)
    async with running_town(
        databases, nats_server.url, ManualClock(MONDAY_NOON), tmp_path_factory.mktemp("town")
    ) as town:
        evidence = await _story(town)
    await databases.give_back()
    yield evidence


async def _story(town: Town) -> Seen:
    seen = Seen()
    people = dict(zip(NAMES, await waiting(town, *NAMES), strict=True))
    staff = await signed_in(town, "berit", "link-bergen", role="koordinator admin")
    visitors = {name: await own_page(person) for name, person in people.items()}
    await _lists(staff)  # what a first look writes down is written
    await _search(staff, "per@example.org")  # which is recorded
    before, audited = await _lists(staff), await _audit(town)
    for name, contact in (("Eva", NOBODY), ("Kari", "ola@example.org")):
        with written_log() as lines:
            await _name(visitors[name], contact)
            await town.run_jobs()
            await town.at_rest()
        seen.logged[name] = lines.getvalue()
    seen.audit = (audited, await _audit(town))
    after = await _lists(staff)
    seen.lists = {path: (before[path], after[path]) for path in STAFF_PAGES}
    with written_log() as lines:
        await waiting(town, "Ida")
    seen.logged["Ida"] = lines.getvalue()
    await town.run_jobs()
    assert await town.rows("grouping", "SELECT 1 FROM groups") == []
    ((pair_id, *both),) = [
        tuple(map(str, row.values()))
        for row in await town.rows("grouping", "SELECT pair_id, one, other FROM quiet_pairs WHERE ended_at IS NULL")
    ]
    rows = await town.rows("intake", "SELECT person_id::text AS id FROM people ORDER BY person_id")
    ids = dict(zip(NAMES, (row["id"] for row in rows), strict=False))
    assert {ids["Kari"], ids["Ola"]} == set(both)
    seen.ids = (*both, pair_id, "ola@example.org")
    seen.places = await town.places_of(pair_id)
    seen.metrics = generate_latest(REGISTRY).decode()
    for name, person in people.items():
        await _own_things(seen, name, person, visitors[name])
        await _staff_things(seen, town, name, ids[name], staff)
    for name in ("Ola", "Nils"):
        page = await _search(staff, f"{name.lower()}@example.org")
        seen.found[name] = " ".join(sorted(set(_NAME.findall(page)) - {"ola", "nils"}))
    for name, person in people.items():
        seen.note("mails", name, "\n".join(map(_written, town.mails(str(person.email)))))
    for name in ("Ola", "Nils", "Kari", "Eva"):
        await _erase(seen, name, visitors[name])
    return seen


async def _name(visitor: Visitor, contact: str) -> None:
    await visitor.open("/min-side/hensyn")
    await visitor.press("Lagre", quiet_name=contact)
    assert "Det er lagret." in visitor.page.text


async def _lists(staff: Visitor) -> dict[str, str]:
    return {path: plain((await _opened(staff, path)).html) for path in STAFF_PAGES}


async def _opened(visitor: Visitor, path: str) -> Page:
    page = await visitor.open(path)
    assert page.status == 200, path
    return page


async def _audit(town: Town) -> list[str]:
    query = "SELECT action, actor, object_kind, object_id FROM audit_log ORDER BY id"
    return [str(row) for service in ("intake", "grouping", "notify") for row in await town.rows(service, query)]


async def _own_things(seen: Seen, name: str, person: Participant, visitor: Visitor) -> None:
    """What a person is shown, and can take along."""
    seen.note("waiting page", name, (await person.look("venter")).html)
    seen.note("own page", name, (await _opened(visitor, "/min-side/oversikt")).html)
    seen.note("export", name, _without_readings((await visitor.press("Last ned alt som en fil")).html))
    await visitor.open("/min-side/oversikt")
    seen.note("naming page", name, (await _opened(visitor, "/min-side/hensyn")).html)


async def _staff_things(seen: Seen, town: Town, name: str, person_id: str, staff: Visitor) -> None:
    """What staff are shown about one person, and can take along."""
    seen.note("person page", name, (await _opened(staff, f"/stab/personer/{person_id}")).html)
    file = await staff.press("Hent alt vi har om personen")
    seen.note("staff export", name, _without_readings(file.html))
    (row,) = await town.rows("grouping", "SELECT signup_id FROM waiting WHERE person_id = $1", UUID(person_id))
    seen.note("place in queue", name, (await _opened(staff, f"/stab/omrader/bergen/personer/{row['signup_id']}")).html)


async def _search(staff: Visitor, text: str) -> str:
    await staff.open("/stab/personer")
    return (await staff.press("Søk", tekst=text)).text


def _without_readings(file: str) -> str:
    data = json.loads(file)
    data.pop("contact_read")
    return json.dumps(data)


def _written(mail: Mail) -> str:
    return f"{mail.summary.subject}\n{mail.text}\n{mail.html}"


async def _erase(seen: Seen, name: str, visitor: Visitor) -> None:
    await visitor.open("/min-side/slett")
    await visitor.press("Ja, slett for godt")
    await visitor.town.at_rest()
    await visitor.open(visitor.page.link("Kvittering"))
    seen.note("receipt", name, visitor.page.html)


def lines_of(log: str) -> list[tuple[str, ...]]:
    """Return what the lines of a log say, without times and ids."""
    return sorted(
        tuple(f"{key}={plain(str(value))}" for key, value in sorted(json.loads(line).items()) if key not in _CLOCKED)
        for line in log.splitlines()
        if json.loads(line)["event"] not in _OF_JOBS
    )


@pytest.mark.parametrize(("subject", "beside"), TWINS)
@pytest.mark.parametrize(
    "kind",
    [
        "waiting page", "own page", "naming page", "export", "mails", "receipt", "person page", "staff export",
        "place in queue",
    ],
)  # fmt: skip
def test_pair_shows_its_two_nothing_that_others_are_not_shown(seen: Seen, kind: str, subject: str, beside: str) -> None:
    """Reasons, forecasts, what would shorten the wait, mails, files and receipts, of themselves and at the desk."""
    shown = seen.shown[kind]
    assert shown[subject] == shown[beside]
    assert len(shown[subject]) > 100


@pytest.mark.parametrize("name", NAMES)
def test_count_of_those_who_could_meet_has_both_of_the_pair(seen: Seen, name: str) -> None:
    """Of the group that does not come about: one fewer than wait there would tell that two of them cannot meet."""
    assert "Så langt er dere 5 av minst 5 som kan møtes" in seen.shown["waiting page"][name]


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_page_of_staff_is_the_same_after_names_were_given(seen: Seen, path: str) -> None:
    """Lists, boards, counts, figures, tasks, mails and histories."""
    before, after = seen.lists[path]
    assert before == after


def test_audit_logs_have_no_entry_of_a_name_or_a_pair(seen: Seen) -> None:
    before, after = seen.audit
    assert before
    assert after == before


def test_log_of_a_match_says_what_that_of_no_match_says(seen: Seen) -> None:
    """Neither says anything; a sign-up does, so that the log is known to be read."""
    assert lines_of(seen.logged["Kari"]) == lines_of(seen.logged["Eva"])
    assert lines_of(seen.logged["Ida"])


def test_log_and_metrics_name_nobody_of_the_pair(seen: Seen) -> None:
    told = "".join((*seen.logged.values(), seen.metrics))
    assert "selvhjelp_event" in told
    assert not [each for each in seen.ids if each in told]


def test_id_of_the_pair_is_with_those_who_keep_apart_only(seen: Seen) -> None:
    """Neither notify nor a table of tasks, mails, inboxes or audit logs has it."""
    assert {place for place in seen.places if "." in place} == {
        "intake.quiet_pairs", "intake.outbox", "grouping.quiet_pairs",
    }  # fmt: skip


def test_search_for_the_named_address_finds_its_owner_only(seen: Seen) -> None:
    assert seen.found == {"Ola": "Ola", "Nils": "Nils"}
