"""Every class of data has a test that moves the clock over its end; a new class without one fails here."""

import ast
from pathlib import Path
from typing import Final

import pytest

from shared.reference.retention import Data

TESTS: Final = Path(__file__).parents[1]

EFFECTS: Final[dict[Data, str]] = {
    Data.DRAFT: "intake/test_retention.py::test_forms_of_the_web_end_when_the_page_says",
    Data.SENT_DRAFT: "intake/test_retention.py::test_forms_of_the_web_end_when_the_page_says",
    Data.UNCONFIRMED_SIGNUP: "intake/test_erasure.py::test_delete_due_unconfirmed_signup_after_three_days",
    Data.UNCALLED_SIGNUP: "intake/test_erasure.py::test_delete_due_uncalled_phone_signup_after_fourteen_days",
    Data.IDEMPOTENCY_KEY: "intake/test_retention.py::test_keys_and_links_end_on_the_second",
    Data.WITHDRAWN_SIGNUP: "intake/test_erasure.py::test_delete_due_withdrawn_signup_a_day_later",
    Data.UNASKED_WAIT: "intake/test_renewals.py::test_year_of_waiting_asks_once_and_withdraws_without_answer",
    Data.WAITING_SIGNUP: "intake/test_renewals.py::test_year_of_waiting_asks_once_and_withdraws_without_answer",
    Data.GROUP_LINKS: "grouping/test_retention.py::test_delete_memberships_runs_two_weeks_after_the_start",
    Data.ACCOMPANIED_MEMBERSHIP: (
        "grouping/test_group_life.py::test_group_that_nobody_hands_over_counts_as_on_its_own_in_the_end"
    ),
    Data.RETURN_VISIT: "grouping/test_group_life.py::test_members_awaiting_a_return_visit_end_when_it_cannot_come",
    Data.ENDED_MEMBERSHIP: "grouping/test_way_on_pages.py::test_ways_on_end_when_the_members_are_forgotten",
    Data.UNASKED_GROUP: "grouping/test_group_life.py::test_group_is_asked_once_a_year_and_expires_without_an_answer",
    Data.SILENT_GROUP: "grouping/test_group_life.py::test_group_is_asked_once_a_year_and_expires_without_an_answer",
    Data.MEMBERSHIP_WITHOUT_LIFE: "intake/test_retention.py::test_member_is_erased_eight_weeks_after_start",
    Data.FORGOTTEN_MEMBER: "intake/test_memberships.py::test_members_are_kept_until_their_group_is_forgotten",
    Data.GROUP_FACT: "intake/test_group_people.py::test_old_meetings_are_deleted",
    Data.GROUP_WAITS: "intake/test_figures.py::test_waits_of_quarter_that_is_shown_belong_to_no_group",
    Data.LEFT_ID: "grouping/test_retention.py::test_delete_old_rows_ids_are_deleted_after_a_month",
    Data.ERASED_ID: "notify/test_retention.py::test_erased_id_is_kept_longer_than_any_event",
    Data.ERASURE_REPORT: "intake/test_receipts.py::test_receipt_ends_with_its_retention",
    Data.MAIL: "notify/test_retention.py::test_ended_group_after_two_weeks_leaves_no_link_between_people",
    Data.PAGE_REQUEST: "intake/test_retention.py::test_keys_and_links_end_on_the_second",
    Data.LIMIT_HIT: "intake/test_network_limits.py::test_limit_rows_hold_no_address_and_go_with_the_window",
    Data.CALLER_NETWORK: "intake/test_network_limits.py::test_limit_rows_hold_no_address_and_go_with_the_window",
    Data.MEETING_GUEST: "intake/test_meeting_guests.py::test_guest_is_erased_when_the_address_is_not_needed",
    Data.AUDIT_ENTRY: "intake/test_retention.py::test_audit_log_is_deleted_after_a_year",
    Data.CONTACT_READING: "intake/test_retention.py::test_contact_readings_are_deleted_after_a_year",
    Data.SECURITY_EVENT: "intake/test_retention.py::test_security_events_are_deleted_after_half_a_year",
    Data.STREAM_EVENT: "shared/test_consumers.py::test_streams_drop_events_after_their_retention",
    Data.SENT_EVENT: "shared/test_consumers.py::test_events_and_letters_end_at_their_retention",
    Data.HANDLED_EVENT: "shared/test_consumers.py::test_events_and_letters_end_at_their_retention",
    Data.DEAD_LETTER: "shared/test_consumers.py::test_events_and_letters_end_at_their_retention",
    Data.JOURNAL_ENTRY: "shared/test_journal.py::test_journal_keeps_erasures_for_their_retention",
    Data.MATCHER_CHANGE: "grouping/test_retention.py::test_delete_old_rows_changes_of_the_list_end_after_a_day",
}
"""By class: the test that shows when it ends."""


@pytest.mark.parametrize("data", sorted(Data))
def test_every_class_of_data_has_an_end(data: Data) -> None:
    assert data in EFFECTS, f"name a test that shows when {data} ends"
    file, _, name = EFFECTS[data].partition("::")
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert name in [function.name for function in functions]
