from datetime import timedelta

import pytest

from shared.events.base import STREAM_MAX_AGE
from shared.reference import centres, retention, texts
from shared.reference.centres import CentreDirectory
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words
from tests.shared.support.web_demo.client import NOON

PUBLISHED = {
    Data.DRAFT: timedelta(hours=1),
    Data.SENT_DRAFT: timedelta(minutes=30),
    Data.UNCONFIRMED_SIGNUP: timedelta(hours=72),
    Data.UNCALLED_SIGNUP: timedelta(days=14),
    Data.IDEMPOTENCY_KEY: timedelta(hours=24),
    Data.WITHDRAWN_SIGNUP: timedelta(hours=24),
    Data.UNASKED_WAIT: timedelta(days=335),
    Data.WAITING_SIGNUP: timedelta(days=365),
    Data.GROUP_LINKS: timedelta(days=14),
    Data.ENDED_MEMBERSHIP: timedelta(days=30),
    Data.UNASKED_GROUP: timedelta(days=365),
    Data.MEMBERSHIP_WITHOUT_LIFE: timedelta(weeks=8),
    Data.FORGOTTEN_MEMBER: timedelta(hours=48),
    Data.GROUP_FACT: timedelta(days=28),
    Data.GROUP_WAITS: timedelta(days=108),
    Data.LEFT_ID: timedelta(days=30),
    Data.ERASED_ID: timedelta(days=14),
    Data.ERASURE_REPORT: timedelta(days=30),
    Data.MAIL: timedelta(days=30),
    Data.PAGE_REQUEST: timedelta(hours=48),
    Data.LIMIT_HIT: timedelta(days=7),
    Data.CALLER_NETWORK: timedelta(days=1),
    Data.MEETING_GUEST: timedelta(days=7),
    Data.AUDIT_ENTRY: timedelta(days=365),
    Data.CONTACT_READING: timedelta(days=365),
    Data.SECURITY_EVENT: timedelta(weeks=26),
    Data.STREAM_EVENT: timedelta(days=7),
    Data.SENT_EVENT: timedelta(days=7),
    Data.HANDLED_EVENT: timedelta(days=14),
    Data.DEAD_LETTER: timedelta(days=14),
    Data.JOURNAL_ENTRY: timedelta(days=90),
    Data.MATCHER_CHANGE: timedelta(days=1),
}
BY_POLICY = {Data.ACCOMPANIED_MEMBERSHIP, Data.RETURN_VISIT, Data.SILENT_GROUP}


@pytest.mark.parametrize("data", sorted(set(Data) - BY_POLICY))
def test_retention_of_every_preset_is_as_published(data: Data) -> None:
    assert {kept_for(data, centre.policy) for centre in centres.load().all} | {kept_for(data)} == {PUBLISHED[data]}


@pytest.mark.parametrize(
    ("changes", "accompanied", "return_visit"),
    [
        ({"starter_meetings": "agreed_with_group"}, timedelta(weeks=26), timedelta()),
        ({"starter_meetings": {"min": 1, "max": 1}}, timedelta(weeks=10), timedelta()),
        ({"starter_meetings": {"min": 2, "max": 5}}, timedelta(weeks=18), timedelta()),
        ({"followup_after_solo": {"min": 3, "max": 4}}, timedelta(weeks=26), timedelta(weeks=16)),
        ({"followup_after_solo": {"min": 1, "max": 9}}, timedelta(weeks=26), timedelta(weeks=26)),
    ],
)
def test_membership_is_kept_as_long_as_the_policys_promises_need(
    changes: dict[str, object], accompanied: timedelta, return_visit: timedelta
) -> None:
    policy = Policy.model_validate({"version": "2026-11-1", "consent_version": "1", **changes})

    assert kept_for(Data.ACCOMPANIED_MEMBERSHIP, policy) == accompanied
    assert kept_for(Data.RETURN_VISIT, policy) == return_visit


@pytest.mark.parametrize(
    ("memory", "silent"),
    [("none", timedelta(days=30)), ("opt_in", timedelta(days=30)), ("sealed_alias", timedelta(weeks=26))],
)
def test_silent_group_has_time_until_it_can_be_asked(memory: str, silent: timedelta) -> None:
    policy = Policy.model_validate({"version": "2026-11-1", "consent_version": "1", "post_handover_memory": memory})

    assert kept_for(Data.SILENT_GROUP, policy) == silent


def test_what_protects_from_late_events_outlives_every_stream() -> None:
    for data in (Data.HANDLED_EVENT, Data.LEFT_ID, Data.ERASED_ID, Data.GROUP_FACT):
        assert kept_for(data) > STREAM_MAX_AGE
    for data in (Data.SENT_EVENT, Data.STREAM_EVENT, Data.DEAD_LETTER):
        assert kept_for(data) <= kept_for(Data.GROUP_LINKS), "events may name the people of one group"


@pytest.mark.parametrize(
    ("language", "unconfirmed", "uncalled"),
    [("nb", "tre døgn", "to uker"), ("nn", "tre døgn", "to veker"), ("en", "three days", "two weeks")],
)
def test_consent_says_what_the_function_says(language: str, unconfirmed: str, uncalled: str) -> None:
    assert span_words(kept_for(Data.UNCONFIRMED_SIGNUP), language) == unconfirmed
    assert span_words(kept_for(Data.UNCALLED_SIGNUP), language) == uncalled
    for centre in centres.load().all:
        consent = texts.consent_of(centre.policy, centre.texts, language, centre.name)
        said = " ".join(line for section in consent.sections for line in section.paragraphs)
        assert unconfirmed in said
        assert uncalled in said


@pytest.mark.parametrize(
    ("span", "nb", "nn", "en"),
    [
        (timedelta(minutes=1), "et minutt", "eit minutt", "a minute"),
        (timedelta(minutes=30), "30 minutter", "30 minutt", "30 minutes"),
        (timedelta(hours=1), "en time", "ein time", "an hour"),
        (timedelta(hours=36), "36 timer", "36 timar", "36 hours"),
        (timedelta(hours=24), "et døgn", "eit døgn", "a day"),
        (timedelta(hours=72), "tre døgn", "tre døgn", "three days"),
        (timedelta(days=7), "en uke", "ei veke", "a week"),
        (timedelta(days=28), "fire uker", "fire veker", "four weeks"),
        (timedelta(days=30), "en måned", "ein månad", "a month"),
        (timedelta(weeks=8), "åtte uker", "åtte veker", "eight weeks"),
        (timedelta(days=335), "elleve måneder", "elleve månader", "eleven months"),
        (timedelta(days=365), "et år", "eitt år", "a year"),
        (timedelta(days=730), "to år", "to år", "two years"),
        (timedelta(weeks=26), "seks måneder", "seks månader", "six months"),
    ],
)
def test_span_words_are_those_of_each_language(span: timedelta, nb: str, nn: str, en: str) -> None:
    assert [span_words(span, language) for language in ("nb", "nn", "en")] == [nb, nn, en]


def test_cutoffs_has_a_moment_for_each_centre() -> None:
    presets = centres.load()

    moments = retention.cutoffs(presets, Data.MAIL, NOON)

    assert moments == {centre.id: NOON - timedelta(days=30) for centre in presets.all}


def test_centre_directory_replaced_centres_are_current() -> None:
    directory = CentreDirectory.from_file(None)
    assert directory.current() is centres.load()

    fewer = centres.Centres(centres.load().all[:1])
    directory.replace(fewer)

    assert directory.current() is fewer
