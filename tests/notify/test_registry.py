"""The mail registry: complete folders only, and a new mail that touches nothing but its folder."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from notify.mails.registry import PACKAGE_FOLDER, MailFolderError, MailRegistry, mail_registry
from notify.queries import mails as queries
from shared.events.contacts import Contact
from shared.reference import centres
from tests.notify.support.browser import KARI, client_of
from tests.notify.support.contents import EXAMPLES, renderer
from tests.notify.support.events import NOON, Person
from tests.notify.support.world import Feed, World, has_status
from tests.shared.support.eventually import eventually

SPEC = """
from notify.domain.mail_spec import FromSignup, MailSpec

SPEC = MailSpec(
    kind="half_way",
    order=35,
    label="Halvveis",
    plan=FromSignup(lambda signup: signup.id if signup.ready else None),
    context=lambda content, tools: {"steps": len(content.awaits)},
)
"""
FILES = {
    "spec.py": SPEC,
    "subject.txt.j2": "Litt til",
    "body.txt.j2": '{{ greeting }}\n\nDu er halvveis, med {{ steps }} steg igjen.\n{% include "_foot.txt.j2" %}',
    "body.mjml.j2": '{% extends "_layout.mjml.j2" %}{% block content %}<mj-text>Halvveis</mj-text>{% endblock %}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A root with one more mail in it."""
    folder = tmp_path / "mails" / "half_way"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def registry(folder: Path) -> MailRegistry:
    return MailRegistry([PACKAGE_FOLDER, folder.parent])


def test_registry_orders_mails_the_same_at_each_start() -> None:
    kinds = [spec.kind for spec in MailRegistry()]
    assert kinds == [
        "address_to_confirm",
        "talk_to_come",
        "on_the_list",
        "talk_booked",
        "talk_cancelled",
        "talk_tomorrow",
        "talk_offered",
        "goodbye",
        "paused",
        "sign_of_life",
        "still_wanted",
        "texts_changed",
        "renewal",
        "page_link",
        "account_link",
        "account_invited",
        "seat_offered",
        "question_moved",
        "group_confirmed",
        "address",
        "plan_changed",
        "meeting_postponed",
        "still_coming",
        "still_coming_again",
        "coming_unanswered",
        "meeting_tomorrow",
        "seat_given_up",
        "start_cancelled",
        "seat_gone",
        "group_started",
        "rhythm_set",
        "meetings_changed",
        "absence_told",
        "weekly_reminder",
        "handover_asked",
        "handed_over",
        "follow_up_offered",
        "visit_agreed",
        "visit_declined",
        "member_left",
        "vote_opened",
        "vote_closed",
        "keep_alive",
        "dissolved",
        "way_on",
        "member_admitted",
        "newcomer_joined",
        "starter_asked",
        "starter_agreed",
        "starter_released",
        "starter_names",
        "starter_asked_back",
        "kontaktmote_invited",
        "kontaktmote_guest",
        "kontaktmote_place",
        "kontaktmote_given_up",
        "kontaktmote_changed",
        "kontaktmote_cancelled",
        "kontaktmote_reminder",
        "kontaktmote_full",
        "centre_message",
    ]


@pytest.mark.parametrize("name", FILES)
def test_registry_with_incomplete_folder_names_the_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(MailFolderError, match=f"half_way: {name} is missing"):
        MailRegistry([folder.parent])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("SPEC = MailSpec(", "OTHER = MailSpec(", "SPEC is not a MailSpec"),
        ('kind="half_way"', 'kind="other"', "kind is 'other', but the folder is 'half_way'"),
        ("order=35,", 'order=35, requires=("shoe_size",),', "requires names shoe_size"),
        ("order=35,", 'order=35, waits_for=frozenset({"nothing"}),', "waits_for names nothing"),
    ],
)
def test_registry_with_contradicting_spec_says_why(folder: Path, old: str, new: str, sentence: str) -> None:
    (folder / "spec.py").write_text(SPEC.replace(old, new))
    with pytest.raises(MailFolderError, match=sentence):
        MailRegistry([folder.parent])


def test_registry_with_two_folders_of_one_name_refuses(folder: Path) -> None:
    with pytest.raises(MailFolderError, match="Two folders"):
        MailRegistry([folder.parent, folder.parent])


async def test_new_mail_folder_is_planned(feed: Feed, registry: MailRegistry) -> None:
    person = Person()
    await Feed(feed.database, feed.clock, registry).deliver(person.ready())
    assert await feed.queued(person) == ["half_way", "on_the_list"]


async def test_new_mail_folder_is_rendered(feed: Feed, registry: MailRegistry) -> None:
    person = Person()
    await Feed(feed.database, feed.clock, registry).deliver(person.ready())
    (mail,) = await feed.mails(kind="half_way")
    contact = Contact(person_id=person.id, first_name="Marit", email="marit@example.org", language="nb")
    async with feed.database.transaction() as session:
        content = await queries.content(session, registry, mail, contact, centres.load(), NOON)
    assert content is not None
    rendered = renderer(registry).render(content)
    assert rendered.subject == "Litt til"
    assert "Hei, Marit." in rendered.text
    assert "med 0 steg igjen" in rendered.text
    assert "Halvveis" in rendered.html
    assert rendered.leave_url is not None


async def test_new_mail_folder_is_listed_for_staff(world: World, registry: MailRegistry) -> None:
    world.app.state.deps = replace(world.deps, registry=registry)
    await Feed(world.database, world.clock, registry).deliver(world.intake.add(Person()).ready())
    async with client_of(world, KARI) as client:
        page = await client.get("/stab/post", params={"vis": "ko"})
        other = await client.get("/stab/post", params={"vis": "feil"})
    assert page.status_code == httpx.codes.OK
    assert "Halvveis" in page.text + other.text


async def test_mail_of_removed_folder_fails_without_stopping_others(world: World, registry: MailRegistry) -> None:
    """The running notify does not have the folder that queued the mail."""

    person = world.intake.add(Person())
    await Feed(world.database, world.clock, registry).deliver(person.ready())
    await eventually(has_status(world, person, "half_way", "failed"))
    await eventually(has_status(world, person, "on_the_list", "sent"))
    assert mail_registry().get("half_way") is None


def test_every_mail_has_examples() -> None:
    assert set(EXAMPLES) == {spec.kind for spec in mail_registry()}
