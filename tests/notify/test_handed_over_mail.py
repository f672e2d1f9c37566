"""The mail to a group on its own promises only what its policy keeps."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.reference import centres
from tests.notify.support.contents import about, content, renderer


def mail(centre: str, by: str, policy: Mapping[str, object]) -> str:
    """Return the text of the mail in one line."""
    fields = content("handed_over", "nb", centre=centre)
    announcement = about("handed_over", by=by, memory=fields.policy.post_handover_memory, followed_up=False)
    kept = fields.policy.model_copy(update=dict(policy))
    return " ".join(renderer().render(replace(fields, announcement=announcement, group_policy=kept)).text.split())


@pytest.mark.parametrize(
    ("policy", "comes"),
    [
        ({"visit_on_request": True, "conflict_visit": "off"}, True),
        ({"visit_on_request": True, "conflict_visit": "unanimous_and_centre_accepts"}, True),
        ({"visit_on_request": False, "conflict_visit": "on_request"}, True),
        ({"visit_on_request": False, "conflict_visit": "off"}, False),
        ({"visit_on_request": False, "conflict_visit": "unanimous_and_centre_accepts"}, False),
    ],
)
@pytest.mark.parametrize("centre", [centre.id for centre in centres.load().all])
def test_mail_names_visits_only_where_the_link_can_ask_for_one(
    centre: str, policy: dict[str, object], *, comes: bool
) -> None:
    text = mail(centre, "members", policy)
    assert ("når dere vil ha besøk" in text) is comes
    assert "når dere slutter" in text


@pytest.mark.parametrize(("by", "called"), [("members", True), ("igangsetter", True), ("time", True), ("start", False)])
def test_mail_names_the_calendar_only_where_meetings_were_called(by: str, *, called: bool) -> None:
    assert ("kalenderen" in mail("selvhjelp-norge", by, {})) is called
