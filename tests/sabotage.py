"""
``python -m tests.sabotage``: whether each safety net is held by a test.

Each sabotage cuts one net in a copy of the sources and runs the test that must notice it. It is caught if that test
fails then and passes without the cut. Nothing of this is in the code that runs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).parents[1]
COPIED: Final = (
    "shared",
    "services",
    "deploy",
    "devtools",
    "tests",
    "docs",
    "pyproject.toml",
    "compose.yaml",
    "uv.lock",
)
PACKAGES: Final = ("shared", "services/intake", "services/grouping", "services/notify", "deploy", "devtools")
MESSAGING: Final = "shared/shared/kit/messaging"
SHARED_TESTS: Final = "tests/shared/test_consumers.py"


@dataclass(frozen=True)
class Sabotage:
    """
    A safety net, how it is cut, and the test that notices.

    Attributes:
        net: The name of the net.
        file: The file that holds it.
        text: The text that is replaced; it stands there once.
        cut: The text in its place.
        test: The test, as pytest names it.
    """

    net: str
    file: str
    text: str
    cut: str
    test: str


SABOTAGES: Final = (
    Sabotage(
        "an event is handled once (inbox)",
        f"{MESSAGING}/inbox.py",
        'if disabled_for_test("no-inbox"):',
        "if event_ids:",
        f"{SHARED_TESTS}::test_event_published_twice_is_handled_once",
    ),
    Sabotage(
        "one seat for each person (unique index)",
        "services/grouping/migrations/versions/0001_waiting_groups_seats.py",
        """        "seats_one_per_person",
        "seats",
        ["person_id"],
        unique=True,""",
        """        "seats_one_per_person",
        "seats",
        ["person_id"],
        unique=False,""",
        "tests/grouping/test_guards.py",
    ),
    Sabotage(
        "the acknowledgement follows the commit",
        f"{MESSAGING}/consumer.py",
        "        try:\n            event = self.read(raw.subject, raw.data)\n",
        "        await _acknowledge(message)\n        try:\n            event = self.read(raw.subject, raw.data)\n",
        f"{SHARED_TESTS}::test_transient_failure_is_retried",
    ),
    Sabotage(
        "an event leaves only if its transaction commits",
        f"{MESSAGING}/outbox.py",
        "        await session.execute(self._add, [_row(event) for event in events])\n",
        "        async with session.bind.begin() as apart:\n"
        "            await apart.execute(self._add, [_row(event) for event in events])\n",
        "tests/intake/test_submissions.py::test_decide_after_rollback_publishes_the_same_once",
    ),
    Sabotage(
        "events that follow have derived ids",
        "shared/shared/kit/messaging/causes.py",
        "event_id=derived_id(self.id, kind.subject, key), occurred_at=now",
        "event_id=new_id(), occurred_at=now",
        "tests/shared/test_causes.py",
    ),
    Sabotage(
        "a failed message comes back (ack policy)",
        f"{MESSAGING}/consumer.py",
        "            await message.nack(delay=decision.delay_seconds)\n",
        "            await message.reject()\n",
        f"{SHARED_TESTS}::test_transient_failure_is_retried",
    ),
    Sabotage(
        "the broker syncs before it acknowledges",
        "deploy/nats.conf",
        "sync_interval: always",
        "sync_interval: 2m",
        "tests/deploy/test_compose.py::test_nats_conf_syncs_before_acknowledging",
    ),
    Sabotage(
        "the broker knows a second copy (Nats-Msg-Id)",
        f"{MESSAGING}/nats_connection.py",
        'headers = {"Nats-Msg-Id": message_id} | (',
        "headers = {} | (",
        f"{SHARED_TESTS}::test_event_published_twice_is_stored_once",
    ),
    Sabotage(
        "all copies of a mail have one Message-ID",
        "services/notify/notify/domain/planning.py",
        "f\"<{uuid5(mail_id, 'message')}@{domain}>\"",
        'f"<{uuid4()}@{domain}>"',
        "tests/notify/test_raw_headers.py::test_message_id_is_the_same_in_every_copy_and_no_others",
    ),
    Sabotage(
        "opening a link confirms nothing",
        "services/intake/intake/web/links.py",
        '    return _confirm_page(request, deps, view, view.status)\n\n\n@router.post("/bekreft/{token}")\n',
        "    async with deps.database.transaction() as session:\n"
        "        await confirm.confirm(session, deps.vault, deps.centres, confirmation_id, choice=None,\n"
        "                              now=deps.clock.now(), cause=Cause.fresh())\n"
        '    return _confirm_page(request, deps, view, view.status)\n\n\n@router.post("/bekreft/{token}")\n',
        "tests/intake/test_public.py::test_confirm_link_get_changes_nothing_post_confirms",
    ),
    Sabotage(
        "a restored database repeats the erasures",
        "services/intake/intake/jobs.py",
        "        return await erase.unfinished(session, context.vault)\n",
        "        return []\n",
        "tests/intake/test_erasure.py::test_finish_erasures_repeats_erasure_after_restored_backup",
    ),
    Sabotage(
        "no event holds an address",
        "shared/shared/events/people.py",
        "    signup_ids: tuple[UUID, ...]\n    wants_receipt: bool = False\n",
        "    signup_ids: tuple[UUID, ...]\n    email: str = ''\n    wants_receipt: bool = False\n",
        "tests/contracts/test_contracts.py::test_event_fields_name_no_personal_data",
    ),
    Sabotage(
        "a mail has one recipient",
        "services/notify/notify/smtp.py",
        "if not _ONE_ADDRESS.fullmatch(recipient):",
        "if not recipient:",
        "tests/notify/test_mailer.py::test_connection_refuses_injected_addresses_and_is_reused",
    ),
    Sabotage(
        "a page of staff asks for the role",
        "shared/shared/kit/web/auth.py",
        '    if not member.has(*state_of(request).access.roles(request.method, request.scope["route"].path)):\n'
        "        raise Forbidden\n",
        "",
        "tests/intake/test_staff.py::test_people_pages_without_coordinator_role_are_403",
    ),
    Sabotage(
        "draft repair knows who is kept apart",
        "services/grouping/grouping/usecases/draft_repair.py",
        "    return Snapshot(replace(state, waiting=waiting, open_groups=()), drafts, languages)\n",
        "    config = replace(state.config, exclusions=frozenset())\n"
        "    return Snapshot(replace(state, config=config, waiting=waiting, open_groups=()), drafts, languages)\n",
        "tests/grouping/test_draft_repair.py",
    ),
    Sabotage(
        "the snapshot of a page knows whom staff keep apart",
        "services/grouping/grouping/store/matching.py",
        "_RULES_OF_STAFF = union_all(_HOLDS, _EXCLUSIONS)\n",
        "_RULES_OF_STAFF = union_all(_HOLDS, _HOLDS)\n",
        "tests/grouping/test_snapshot_cache.py::test_snapshot_after_each_change_equals_rebuild",
    ),
    Sabotage(
        "no page knows a quiet pair",
        "services/grouping/grouping/queries/snapshot_cache.py",
        "area_ids, now, quiet=False)",
        "area_ids, now)",
        "tests/grouping/test_quiet_pairs.py::test_pages_are_the_same_with_a_pair",
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Carry out each sabotage; print a table and return 1 if one was not caught."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="Part of the name of a net.")
    options = parser.parse_args(arguments)
    table = Table("Safety net", "Test", "Caught")
    missed = 0
    for sabotage in SABOTAGES:
        if options.only in sabotage.net:
            caught = is_caught(sabotage)
            missed += not caught
            table.add_row(sabotage.net, sabotage.test.rpartition("/")[2], "yes" if caught else "NO")
    Console(width=120).print(table)
    return 1 if missed else 0


def is_caught(sabotage: Sabotage) -> bool:
    """Return whether the test passes on a copy of the sources and fails on one with the cut."""
    with tempfile.TemporaryDirectory(prefix="selvhjelp-sabotage-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)
        for name in COPIED:
            copy_of(ROOT / name, copy / name)
        if not passes(copy, sabotage.test):
            return False
        file = copy / sabotage.file
        source = file.read_text(encoding="utf-8")
        if source.count(sabotage.text) != 1:
            message = f"{sabotage.file} does not hold the text of the net '{sabotage.net}' once"
            raise ValueError(message)
        file.write_text(source.replace(sabotage.text, sabotage.cut), encoding="utf-8")
        return not passes(copy, sabotage.test)


def copy_of(source: Path, target: Path) -> None:
    """Copy a file, or a folder without what Python has compiled."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    else:
        shutil.copy(source, target)


def passes(copy: Path, test: str) -> bool:
    """Run a test on the sources of a copy, whose packages come before those that are installed."""
    paths = os.pathsep.join(str(copy / package) for package in PACKAGES)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "", test]
    done = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:])
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
