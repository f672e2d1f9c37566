from datetime import timedelta

import pytest

from shared.reference import centres, retention
from shared.reference.centres import CentreDirectory
from tests.shared.support.web_demo.client import NOON

SPANS = [
    (retention.unconfirmed_signup_kept, timedelta(hours=72)),
    (retention.uncalled_signup_kept, timedelta(days=14)),
    (retention.withdrawn_signup_kept, timedelta(hours=24)),
    (retention.renewal_asked_after, timedelta(days=335)),
    (retention.waiting_signup_kept, timedelta(days=365)),
    (retention.membership_kept, timedelta(weeks=8)),
    (retention.forgotten_member_kept, timedelta(hours=24)),
    (retention.group_links_kept, timedelta(days=14)),
    (retention.left_ids_kept, timedelta(days=30)),
    (retention.erased_ids_kept, timedelta(days=14)),
    (retention.mails_kept, timedelta(days=30)),
    (retention.audit_log_kept, timedelta(days=365)),
    (retention.contact_readings_kept, timedelta(days=365)),
]


@pytest.mark.parametrize(("kept", "span"), SPANS)
def test_retention_of_every_preset_is_as_published(kept: retention.Retention, span: timedelta) -> None:
    assert {kept(centre.policy) for centre in centres.load().all} | {kept(None)} == {span}


def test_cutoffs_has_a_moment_for_each_centre() -> None:
    presets = centres.load()

    moments = retention.cutoffs(presets, retention.mails_kept, NOON)

    assert moments == {centre.id: NOON - timedelta(days=30) for centre in presets.all}


def test_centre_directory_replaced_centres_are_current() -> None:
    directory = CentreDirectory.from_file(None)
    assert directory.current() is centres.load()

    fewer = centres.Centres(centres.load().all[:1])
    directory.replace(fewer)

    assert directory.current() is fewer
