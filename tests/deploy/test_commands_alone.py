"""What the commands do without a running system: finding an installation, its settings, the scripts, the stories."""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from devtools.local.ports import free_port
from notify.calendar import Entry as CalendarEntry
from notify.calendar import calendar_file
from selvhjelp.__main__ import app
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation, find
from selvhjelp.operations.checks import settings as checking
from selvhjelp.operations.checks.mail import check as check_mail
from selvhjelp.operations.dead_letters import Address
from selvhjelp.operations.script_check import compare_scripts
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.stage import ending
from selvhjelp.rehearsal.stories import Person, Stage, Stories, entry_of
from selvhjelp.rehearsal.visitor import Mail

KEK = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
MEETING = CalendarEntry(
    meeting_id=UUID("0192f0e0-0000-7000-8000-000000000001"),
    sequence=0,
    starts_at=datetime(2026, 12, 1, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 19, 0, tzinfo=UTC),
    title="Avtale",
    place="Et sted som har et ganske langt navn, så langt at linjen må brettes i kalenderfilen som følger med",
    stamp=datetime(2026, 11, 20, tzinfo=UTC),
)


def whole(**changes: str | None) -> dict[str, str]:
    """The environment of a production installation; a change to None takes a setting away."""
    env: dict[str, str | None] = {}
    for service in ("INTAKE", "GROUPING", "NOTIFY"):
        env |= {
            f"{service}_DATABASE_URL": f"postgresql+asyncpg://{service.lower()}:x@127.0.0.1:1/{service.lower()}",
            f"{service}_NATS_URL": "nats://127.0.0.1:1",
            f"{service}_PUBLIC_URL": "https://grupper.example.org",
            **{
                f"{service}_{key}_KEY": f"{key.lower()}-key-of-thirty-two-signs-or-so"
                for key in ("LINK", "FORM", "STAFF")
            },
        }
    env |= {
        "INTAKE_KEYS_DATABASE_URL": "postgresql+asyncpg://intake_keys:x@127.0.0.1:1/intake_keys",
        "INTAKE_KEY_ENCRYPTION_KEY": KEK,
        "INTAKE_BLIND_INDEX_KEY": "blind-index-key-of-thirty-two-signs",
        "NOTIFY_SMTP_HOST": "mail.example.org",
        "NOTIFY_MAIL_FROM": "post@example.org",
        "NOTIFY_MAIL_DOMAIN": "example.org",
    }
    return {name: value for name, value in (env | changes).items() if value is not None}


async def told(**changes: str | None) -> dict[str, str]:
    """What the check of the settings says, with its level."""
    return {finding.what: finding.level for finding in await checking.check(Installation(whole(**changes)))}


def alike(name: str, value: str) -> dict[str, str]:
    return {f"{service}_{name}": value for service in ("INTAKE", "GROUPING", "NOTIFY")}


# Where an installation is


def test_no_installation_is_one_plain_line_and_status_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "selvhjelp", "dead-letters", "list"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"selvhjelp: ingen installasjon i {tmp_path}/var/selvhjelp")
    assert done.stderr.count("\n") == 1


def test_the_environment_is_the_installation_unless_a_directory_is_named(tmp_path: Path) -> None:
    assert find(None, whole()).database_url("grouping").get_secret_value().endswith("/grouping")
    (tmp_path / "state.json").write_text(json.dumps({"settings": {"notify": {"NOTIFY_DATABASE_URL": "there"}}}))
    there = find(tmp_path, whole())
    assert there.directory == tmp_path
    assert there.database_url("notify").get_secret_value() == "there"
    with pytest.raises(CommandError, match="INTAKE_KEYS_DATABASE_URL mangler"):
        there.database_url("intake_keys")


def test_a_secret_may_be_a_file_and_its_value_is_never_told(tmp_path: Path) -> None:
    secret = tmp_path / "link_key"
    secret.write_text("for-kort\n")
    env = whole(INTAKE_LINK_KEY=None, INTAKE_LINK_KEY_FILE=str(secret))
    with pytest.raises(CommandError, match="INTAKE_LINK_KEY") as refused:
        Installation(env).settings("intake")
    assert "for-kort" not in str(refused.value)
    secret.write_text("x" * 32)
    assert Installation(env).settings("intake").link_key.get_secret_value() == "x" * 32
    gone = whole(INTAKE_DATABASE_URL=None, INTAKE_DATABASE_URL_FILE=str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="kan ikke lese"):
        Installation(gone).database_url("intake")


def test_every_command_explains_itself_and_its_exit_status() -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    commands = runner.invoke(app, ["--help"])
    for name in ("check", "dead-letters", "demo", "erase", "export", "migrate", "staff", "up"):
        assert name in commands.stdout
        if name != "up":
            assert "Exit status" in runner.invoke(app, [name, "--help"]).stdout


@pytest.mark.parametrize("text", ["", "grouping", "grouping:", "grouping:-1", "somebody:1", "grouping:1 2", "notify:٣"])
def test_what_is_no_address_of_a_dead_letter(text: str) -> None:
    with pytest.raises(ValueError, match="skriv tjeneste og nummer"):
        Address.parse(text)
    assert str(Address.parse("notify:17")) == "notify:17"


# migrate --check-scripts


async def test_the_scripts_make_what_the_code_wants() -> None:
    assert await compare_scripts() == {"intake": [], "intake_keys": [], "grouping": [], "notify": []}


# check


async def test_settings_that_are_as_they_should_be() -> None:
    found = await told()
    assert "broken" not in found.values()
    assert "de tre tjenestene kan lese sine" in found


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        (alike("PUBLIC_URL", "http://grupper.example.org"), "broken", "PUBLIC_URL er http://grupper"),
        (alike("PUBLIC_URL", "http://localhost:8080"), "warning", "PUBLIC_URL er http://localhost"),
        (alike("PUBLIC_URL", "https://grupper.example.org/"), "broken", "slutter med skråstrek"),
        (
            alike("CLOCK", "2026-01-01T00:00:00+00:00|2026-01-01T00:00:00+00:00|60"),
            "broken",
            "klokka går 60 ganger så fort",
        ),
        (alike("CLOCK", "i morgen"), "broken", "CLOCK er ikke en klokke"),
        ({"NOTIFY_LINK_KEY": "y" * 32}, "broken", "tjenestene har ulik LINK_KEY"),
        ({"GROUPING_LINK_KEY": None}, "broken", "grouping kan ikke starte"),
        ({"INTAKE_KEY_ENCRYPTION_KEY": "a2ort"}, "broken", "ikke 32 byte"),
        (alike("LINK_KEY", "staff-key-of-thirty-two-signs-or-so"), "warning", "er den samme"),
        (alike("CENTRES_FILE", "/nowhere/centres.yaml"), "broken", "centres.yaml: cannot be read"),
    ],
)
async def test_what_is_wrong_with_the_settings(changes: dict[str, str | None], level: str, said: str) -> None:
    found = await told(**changes)
    assert [each for what, each in found.items() if said in what] == [level], found
    assert KEK not in str(found)


async def test_a_rehearsal_may_live_fast_and_without_https() -> None:
    found = await told(
        **alike("ENVIRONMENT_LABEL", "Øving"),
        **alike("PUBLIC_URL", "http://localhost:8080"),
        **alike("CLOCK", "2026-01-01T00:00:00+00:00|2026-01-01T00:00:00+00:00|60"),
    )
    assert "broken" not in found.values()


async def test_a_secret_that_others_can_read_or_change(tmp_path: Path) -> None:
    secret = tmp_path / "link_key"
    secret.write_text("link-key-of-thirty-two-signs-or-so")
    ours = Path(tempfile.gettempdir())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(ours) and folder != ours:
            folder.chmod(0o755)
    for mode, level in ((0o600, None), (0o644, "warning"), (0o666, "broken")):
        secret.chmod(mode)
        found = await told(INTAKE_LINK_KEY=None, INTAKE_LINK_KEY_FILE=str(secret))
        assert next((each for what, each in found.items() if str(secret) in what), None) == level
    tmp_path.chmod(0o700)
    assert str(secret) not in str(await told(INTAKE_LINK_KEY=None, INTAKE_LINK_KEY_FILE=str(secret)))


async def test_mail_without_encryption_to_elsewhere_is_told() -> None:
    env = whole(NOTIFY_SMTP_HOST="mail.invalid", NOTIFY_SMTP_PORT=str(free_port()), NOTIFY_SMTP_SECURITY="none")
    found = {finding.what.partition(" (")[0]: finding.level for finding in await check_mail(Installation(env))}
    assert found["e-post går ukryptert til e-postserveren"] == "warning"
    assert found["e-postserveren svarer ikke"] == "broken"


# The rehearsal


def test_the_same_seed_invents_the_same_people_each_with_an_address_of_their_own() -> None:
    once, again, other = invent(60, ["4601"], 7), invent(60, ["4601"], 7), invent(60, ["4601"], 8)
    assert once == again != other
    assert len({person.email for person in once}) == 60
    assert all(person.email.isascii() and person.email.endswith("@example.org") for person in once)


def test_the_meeting_is_read_from_the_file_that_notify_makes() -> None:
    entry = entry_of(calendar_file(MEETING, "PUBLISH", "example.org").decode())
    assert entry.uid == "0192f0e0-0000-7000-8000-000000000001@example.org"
    assert entry.in_words == "tirsdag 01.12. kl. 18.00"
    assert not entry.cancelled
    assert entry_of(calendar_file(MEETING, "CANCEL", "example.org").decode()).cancelled
    with pytest.raises(ValueError, match="no event"):
        entry_of("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def test_a_story_from_the_form_to_the_group_and_back_to_the_list() -> None:
    stories, person = Stories(), invent(1, ["4601"], 1)[0]
    name = person.first_name
    assert stories.add(Person(person, "Bergen")) == f"{name} i Bergen melder seg på"

    def mail(*links: str, calendar: str = "") -> Mail:
        text = "\n".join(f"http://localhost:8080/{link}/abc" for link in links)
        return Mail("1", "m", person.email, "Hei", text, "", (), calendar)

    assert stories.got(mail("bekreft")) is None
    assert stories.answered(mail("bekreft"), "confirmed") == f"{name} bekrefter adressen sin"
    assert stories.got(mail("meld-av")) == f"{name} står på listen"
    assert stories.got(mail("plass", "meld-av")) == f"{name} får tilbud om en plass"
    assert stories.answered(mail("plass"), "declined") == f"{name} sier nei takk til en plass"
    assert stories.count(Stage.WAITING) == 1
    assert stories.got(mail("plass", "meld-av")) == f"{name} får tilbud om en plass"
    assert stories.answered(mail("plass"), "accepted") == f"{name} sier ja til en plass"
    plan = calendar_file(MEETING, "PUBLISH", "example.org").decode()
    assert stories.got(mail("plass", "meld-av", calendar=plan)) == (
        "En gruppe i Bergen er klar. Første møte er tirsdag 01.12. kl. 18.00"
    )
    assert stories.got(mail("plass", "meld-av")) == f"{name} blir minnet om møtet"
    assert ending(stories, settled=True)[-1] == "Oppdiktede mennesker: 1. Grupper: 1, med 1 i. På vent: 0."
    off = calendar_file(MEETING, "CANCEL", "example.org").decode()
    assert "kunne ikke begynne" in str(stories.got(mail("meld-av", calendar=off)))
    assert stories.groups_of("Bergen") == 0
    lines = ending(stories, settled=False)
    assert "De som venter: 1 i Bergen." in lines[0]
    assert lines[-1] == "Oppdiktede mennesker: 1. Grupper: 0, med 0 i. På vent: 1."
