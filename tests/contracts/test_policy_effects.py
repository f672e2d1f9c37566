"""Every key of a policy has a test that shows what it does; a new key without one fails here."""

import ast
from pathlib import Path
from typing import Final

import pytest

from shared.reference.policy import Policy

TESTS: Final = Path(__file__).parents[1]

EFFECTS: Final[dict[str, tuple[str, ...]]] = {
    "version": ("grouping/test_policies.py::test_policy_event_leaves_groups_with_their_version",),
    "group_term": (
        "intake/test_policy_effects.py::test_front_page_and_form_use_the_centres_word",
        "grouping/test_policy_effects.py::test_seat_and_staff_pages_use_the_centres_word",
        "notify/test_rendering.py::test_group_term_follows_policy_of_centre",
    ),
    "runs_groups": ("grouping/test_policy_effects.py::test_address_is_asked_for_where_the_centre_runs_groups",),
    "size_min": ("grouping/test_policies.py::test_policy_event_rematches_the_centres_areas",),
    "size_max": ("grouping/test_policies.py::test_policy_with_other_sizes_forms_groups_of_them",),
    "starters_min": (
        "grouping/test_igangsettere.py::test_matching_policy_with_two_starters_assigns_two",
        "grouping/test_policy_effects.py::test_seat_page_says_how_the_group_does_it",
    ),
    "starter_meetings": (
        "grouping/test_igangsettere.py::test_matching_igangsetter_is_busy_for_the_weeks_of_the_policy",
        "intake/test_policy_effects.py::test_information_follows_each_key",
    ),
    "reading_gate": ("intake/test_information_again.py::test_changed_information_is_read_before_the_list",),
    "forsamtale": (
        "intake/test_policy_effects.py::test_form_and_thanks_tell_of_the_talk",
        "intake/test_talks.py::test_presets_offer_the_talk_as_their_texts_say",
        "intake/test_talks.py::test_required_talk_gates_and_an_offered_one_does_not",
        "intake/test_talks.py::test_policy_without_talk_shows_nothing",
        "notify/test_talk_mails.py::test_mail_on_the_list_offers_the_talk_where_the_centre_does",
        "grouping/test_policy_effects.py::test_waiting_page_offers_the_talk",
        "intake/test_signups.py::test_complete_talk_publishes_ready_once",
    ),
    "confidentiality": ("grouping/test_policy_effects.py::test_seat_page_says_how_the_group_does_it",),
    "reopen_rule": ("intake/test_policy_effects.py::test_information_follows_each_key",),
    "room": (
        "grouping/test_rooms.py::test_capacity_own_house_prefers_its_rooms",
        "grouping/test_rooms.py::test_capacity_by_agreement_ignores_rooms",
        "intake/test_policy_effects.py::test_information_follows_each_key",
    ),
    "mix_of_problems": ("intake/test_policy_effects.py::test_information_follows_each_key",),
    "meeting_minutes": ("grouping/test_policies.py::test_policy_change_keeps_existing_groups_as_they_are",),
    "meeting_break": ("grouping/test_policy_effects.py::test_seat_page_says_how_the_group_does_it",),
    "leave_notice": (
        "intake/test_policy_effects.py::test_leave_page_reminds_members_where_the_centre_does",
        "grouping/test_policy_effects.py::test_seat_page_of_a_started_group_reminds_of_leaving",
    ),
    "seat_confirmation": ("grouping/test_policies.py::test_policy_without_seat_confirmation_confirms_at_once",),
    "seat_deadline_hours": ("grouping/test_policies.py::test_policy_event_leaves_groups_with_their_version",),
    "start_notice_days": ("grouping/test_policy_effects.py::test_start_meeting_keeps_the_days_of_notice",),
    "coming_question": (
        "notify/test_coming_questions.py::test_policy_off_asks_nobody",
        "notify/test_coming_questions.py::test_silence_is_a_call_only_where_the_policy_says_so",
        "grouping/test_coming.py::test_question_is_asked_only_while_it_can_be_answered",
    ),
    "short_messages": ("notify/test_sms.py::test_policy_says_which_centres_send_short_messages",),
    "fill_days": ("grouping/test_filling.py::test_proposal_is_cancelled_when_its_days_are_over",),
    "extension_days": ("grouping/test_extension.py::test_extend_meeting_without_extension_days_cancels_at_once",),
    "draft_minutes": ("grouping/test_drafts.py::test_publish_drafts_due_draft_is_published_once",),
    "digital_groups": ("grouping/test_if_needed_and_digital.py::test_digital_group_needs_a_policy_and_a_choice",),
    "wishes": ("intake/test_wishes.py::test_form_page_offered_wishes_default_to_ordinary_group",),
    "consent_version": ("intake/test_policy_texts.py::test_own_consent_is_added_and_asked_for",),
    "information_version": ("intake/test_policy_texts.py::test_material_change_is_read_again",),
    "post_handover_memory": (
        "grouping/test_group_life.py::test_members_are_forgotten_at_handover_as_the_policy_says",
        "grouping/test_group_life.py::test_addresses_are_sealed_but_of_members_who_said_no",
        "grouping/test_group_life.py::test_kept_member_who_takes_it_back_is_forgotten_at_once",
        "intake/test_sealed_addresses.py::test_addresses_outlive_their_people_and_open_for_a_meeting",
        "intake/test_policy_effects.py::test_information_and_privacy_say_what_is_remembered",
        "scenarios/test_forgetting.py::test_scan_after_handover_finds_no_link_between_members",
    ),
    "kontaktmote": (
        "notify/test_kontaktmoter.py::test_meeting_is_announced_once_and_only_where_the_policy_has_them",
        "notify/test_web_kontaktmoter.py::test_policy_without_kontaktmoter_says_so_instead_of_sending",
    ),
    "undecided": ("intake/test_policy_pages.py::test_page_says_what_the_centre_does",),
}
"""By key: tests that show its effect."""

AFTER_THE_START: Final = frozenset({"visit_on_request", "followup_after_solo", "conflict_visit"})
"""Keys of the life of a group after its start; each moves to ``EFFECTS`` with the part that it is for."""


@pytest.mark.parametrize("key", sorted(Policy.model_fields))
def test_every_key_of_a_policy_has_an_effect(key: str) -> None:
    assert (key in EFFECTS) is (key not in AFTER_THE_START), f"name a test that shows what {key} does"


@pytest.mark.parametrize(("key", "tests"), list(EFFECTS.items()), ids=list(EFFECTS))
def test_named_tests_exist(key: str, tests: tuple[str, ...]) -> None:
    assert tests, key
    for test in tests:
        file, _, name = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert name in [function.name for function in functions], test


def test_no_effect_is_claimed_for_a_key_that_is_gone() -> None:
    assert EFFECTS.keys() | AFTER_THE_START == set(Policy.model_fields)
