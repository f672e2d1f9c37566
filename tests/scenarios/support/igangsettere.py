"""Igangsettere at their mailbox and browser: invited by staff, signed in by a link."""

from tests.scenarios.support.people import Participant, Visitor
from tests.scenarios.support.town import Town


async def joined(town: Town, staff: Visitor, name: str, **times: str | list[str]) -> tuple[Participant, Visitor]:
    """Invite an igangsetter as staff, accept as they, register their times; return their mailbox and browser."""
    helper = Participant(town, name, f"{name.lower()}@example.org")
    await staff.open("/stab/igangsettere")
    await staff.click("Inviter en igangsetter")
    await staff.press("Inviter", name=f"{name} Igesen", email=helper.email)
    await town.at_rest()
    assert helper.new_subjects() == ["Vil du hjelpe oss i gang?"]
    visitor = Visitor(town)
    await visitor.open(helper.link("igangsetter/invitasjon"))
    page = await visitor.press("Ja, jeg vil være igangsetter")
    assert page.heading == "Tidene mine"
    await town.at_rest()
    fields = {"label": name[:2], "place": "5003", "reach_km": "30", "slots": ["tue-evening"], "languages": ["nb"]}
    page = await visitor.press("Lagre", **{**fields, "groups_at_once": "1", **times})
    assert "Tidene dine er lagret." in page.text
    return helper, visitor


async def signs_in(town: Town, helper: Participant, visitor: Visitor) -> None:
    """Ask for a link at the sign-in, and open it."""
    await visitor.open("/igangsetter/logg-inn")
    await visitor.press("Send meg lenken", email=helper.email)
    await town.at_rest()
    await visitor.open(helper.link("igangsetter/apne"))
    page = await visitor.press("Åpne siden min")
    assert page.heading == "I dag"
