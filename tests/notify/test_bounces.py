"""
Every file of ``bounces``: which mail it changes, and how, or that it changes none.

The files have the forms in which mail systems write; names in braces stand for addresses of the mail that is tested.
"""

import asyncio
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.reports import Complaint, Delayed, Report, Undelivered
from notify.inbound.reading import Reader, ReadReport
from notify.store import Mail
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.events import NOON
from tests.notify.support.inbound import ANSWERS, FILES, PATHS, bounce, inbound_mailbox, lmtp_server, recipient_of
from tests.notify.support.world import Feed

MAIL = UUID("01a217b6-1855-7382-ab66-000000000001")
READER = Reader(PATHS, ANSWERS, MAIL_DOMAIN)

NO_MAILBOX = ("failed", "550", True)
FULL = ("failed", "552", True)
STAYS_FULL = ("failed", "552", False)
REFUSED = ("failed", "554", False)
DELAYED = ("sent", "delayed", False)
COMPLAINED = ("sent", "complained", False)
NOTHING = ("sent", None, False)
NO_SUCH_ADDRESS = None

OUTCOMES = {
    # RFC 3464
    "postfix_unknown_user": NO_MAILBOX,
    "postfix_mailbox_full": FULL,
    "postfix_host_not_found": NO_MAILBOX,
    "postfix_expired": REFUSED,
    "postfix_delayed": DELAYED,
    "postfix_headers_only": NO_MAILBOX,
    "postfix_delivered_on_request": NOTHING,
    "postfix_spam_refused": REFUSED,
    "exim_unknown_user": NO_MAILBOX,
    "exim_blocked_sender": REFUSED,
    "gmail_no_such_user": NO_MAILBOX,
    "gmail_over_quota": STAYS_FULL,
    "gmail_delayed": DELAYED,
    "gmail_unauthenticated": REFUSED,
    "exchange_not_found": NO_MAILBOX,
    "office365_access_denied": NO_MAILBOX,
    "office365_mailbox_full": FULL,
    "office365_loop": REFUSED,
    "office365_restricted": REFUSED,
    "exchange_delivered_on_request": NOTHING,
    "exchange_relayed": NOTHING,
    "sendmail_user_unknown": NO_MAILBOX,
    "sendmail_warning": DELAYED,
    "haraka_unknown_user": NO_MAILBOX,
    "icloud_unknown_user": NO_MAILBOX,
    "yahoo_unknown_user": NO_MAILBOX,
    "norwegian_exchange": NO_MAILBOX,
    "smtputf8_global": NO_MAILBOX,
    "domain_moved": NO_MAILBOX,
    "several_all_failed": NO_MAILBOX,
    "several_failed_for_two_reasons": REFUSED,
    "several_one_got_it": NOTHING,
    "several_one_waits": DELAYED,
    # almost RFC 3464
    "no_report_type": NO_MAILBOX,
    "multipart_mixed_report": NO_MAILBOX,
    "no_status_field": NO_MAILBOX,
    "no_action_field": NO_MAILBOX,
    "no_blank_line_between_groups": NO_MAILBOX,
    "empty_status_part": NOTHING,
    "strange_action": NOTHING,
    "no_returned_mail": NO_MAILBOX,
    "message_id_rewritten": NO_MAILBOX,
    "cut_off": NO_MAILBOX,
    "wrapped_by_a_gateway": NO_MAILBOX,
    # no standard
    "qmail_no_mailbox": NO_MAILBOX,
    "qmail_remote_said_spam": REFUSED,
    "exim_old_text": NO_MAILBOX,
    "yahoo_old_text": NO_MAILBOX,
    "postfix_old_text": NO_MAILBOX,
    "exchange_old_text": NO_MAILBOX,
    "simple_delivery_to_failed": NO_MAILBOX,
    "warning_text": DELAYED,
    # people and their programs
    "out_of_office": NOTHING,
    "out_of_office_from_a_list": NOTHING,
    "answer_of_a_person": NOTHING,
    "read_receipt": NOTHING,
    "own_mail_came_back": NOTHING,
    "newsletter_to_the_return_path": NOTHING,
    # complaints
    "complaint_yahoo": COMPLAINED,
    "complaint_by_return_path_header": COMPLAINED,
    "complaint_headers_only": COMPLAINED,
    "complaint_to_the_return_path": COMPLAINED,
    "complaint_opt_out": COMPLAINED,
    "complaint_not_spam": NOTHING,
    "complaint_auth_failure": NOTHING,
    "complaint_without_a_tag": NOTHING,
    "complaint_with_a_forged_tag": NOTHING,
    "complaint_about_two_mails": NOTHING,
    # forged, loops, broken
    "forged_tag": NO_SUCH_ADDRESS,
    "tag_of_another_key": NO_SUCH_ADDRESS,
    "returns_another_mail": NOTHING,
    "bounce_of_a_bounce": NOTHING,
    "failure_inside_the_returned_mail_only": NOTHING,
    "status_in_the_complaints_address": NOTHING,
    "nul_bytes": NO_MAILBOX,
    "nul_in_the_action": NOTHING,
    "unknown_charset": NO_MAILBOX,
    "empty_mail": NOTHING,
    "no_header_fields": NOTHING,
    "only_boundaries": NOTHING,
    "boundary_missing": NOTHING,
    "eight_bit_latin1": NO_MAILBOX,
}


def test_bounces_have_an_outcome_each() -> None:
    assert {path.stem for path in FILES.glob("*.eml")} == OUTCOMES.keys()
    assert len(OUTCOMES) >= 60


def _outcome(report: Report | None) -> tuple[str, str | None, bool]:
    match report:
        case Undelivered():
            return "failed", report.reason, report.about == "mailbox"
        case Delayed():
            return DELAYED
        case Complaint():
            return COMPLAINED
    return NOTHING


@pytest.mark.parametrize("name", OUTCOMES)
def test_bounce_is_read_as(name: str) -> None:
    content = bounce(name, MAIL)
    recipient = recipient_of(content, MAIL)
    assert READER.takes(recipient) is (OUTCOMES[name] is not NO_SUCH_ADDRESS)
    read = READER.read(content, recipient)
    assert read is None or (isinstance(read, ReadReport) and read.mail_id == MAIL)
    assert _outcome(read.report if read else None) == (OUTCOMES[name] or NOTHING)


@given(content=st.binary(max_size=3000), name=st.sampled_from(sorted(OUTCOMES)), at=st.integers(0, 3000))
def test_broken_bounce_is_read_or_left_but_never_fails(content: bytes, name: str, at: int) -> None:
    whole = bounce(name, MAIL)
    for broken in (content, whole[:at], whole[:at] + content + whole[at:], whole[at:]):
        read = READER.read(broken, PATHS.of(MAIL))
        assert read is None or (isinstance(read, ReadReport) and read.mail_id == MAIL)


async def _sent_mails(feed: Feed, ids: list[UUID]) -> None:
    """Queue and send a mail to a person of its own for each id."""
    async with feed.database.transaction() as session:
        session.add_all(
            Mail(
                id=id_,
                kind="on_the_list",
                cause_id=uuid4(),
                person_id=uuid4(),
                language="nb",
                centre="link-bergen",
                correlation_id=uuid4(),
                created_at=NOON,
                status="sent",
                attempt=1,
                settled_at=NOON,
            )
            for id_ in ids
        )


async def test_each_bounce_over_lmtp_changes_its_own_mail_once(feed: Feed) -> None:
    mails = {name: uuid4() for name in OUTCOMES}
    bystander = uuid4()
    await _sent_mails(feed, [*mails.values(), bystander])
    async with lmtp_server(inbound_mailbox(feed)) as server:
        for name, mail_id in mails.items():
            content = bounce(name, mail_id)
            code = 550 if OUTCOMES[name] is NO_SUCH_ADDRESS else 250
            for _ in range(2):
                assert await server.deliver(content, recipient_of(content, mail_id)) == [code], name
    rows = {mail.id: mail for mail in await feed.mails()}
    states = {name: (rows[id_].status, rows[id_].reason, rows[id_].address_refused) for name, id_ in mails.items()}
    assert states == {name: outcome or NOTHING for name, outcome in OUTCOMES.items()}
    assert (rows[bystander].status, rows[bystander].reason) == ("sent", None)
    expected = {"mail_failed": 0, "mail_complaint": 0}
    for status, reason, _ in states.values():
        expected["mail_failed"] += status == "failed"
        expected["mail_complaint"] += reason == "complained"
    kinds = [kind for kind, _ in await feed.open_tasks()]
    assert {kind: kinds.count(kind) for kind in expected} == expected


async def test_mail_of_ten_megabytes_is_refused_for_its_size(feed: Feed) -> None:
    mail_id = uuid4()
    await _sent_mails(feed, [mail_id])
    content = bounce("postfix_unknown_user", mail_id)
    big = content + (b"x" * 998 + b"\r\n") * 10_500
    async with lmtp_server(inbound_mailbox(feed)) as server:
        assert await server.deliver(big, PATHS.of(mail_id)) == [552]
        assert await server.deliver(big, PATHS.of(mail_id), size=False) == [552]
        assert [mail.status for mail in await feed.mails()] == ["sent"]
        assert await server.deliver(content, PATHS.of(mail_id)) == [250]
    assert [mail.status for mail in await feed.mails()] == ["failed"]


async def test_mailbox_takes_one_recipient_at_a_time(feed: Feed) -> None:
    first, second = uuid4(), uuid4()
    await _sent_mails(feed, [first, second])
    content = bounce("no_returned_mail", first)
    async with lmtp_server(inbound_mailbox(feed)) as server:
        assert await server.deliver(content, PATHS.of(first), PATHS.of(second)) == [452, 250]
    assert {mail.id: mail.status for mail in await feed.mails()} == {first: "failed", second: "sent"}


async def test_mailbox_serves_many_at_once(feed: Feed) -> None:
    ids = [uuid4() for _ in range(20)]
    await _sent_mails(feed, ids)
    async with lmtp_server(inbound_mailbox(feed)) as server:
        deliveries = [server.deliver(bounce("qmail_no_mailbox", id_), PATHS.of(id_)) for id_ in ids * 2]
        assert await asyncio.gather(*deliveries) == [[250]] * 40
    assert {mail.status for mail in await feed.mails()} == {"failed"}
