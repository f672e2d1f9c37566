"""
Accept forms from our own pages only, without a cookie.

Every form carries a signed token with the time of its rendering. On public pages it is bound to the path that the form
posts to, on staff pages to the session. The headers by which the browser names the origin are checked as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import Request

from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import undo
from shared.kit.web.acts import ask_first
from shared.kit.web.auth import member_of
from shared.kit.web.form_keys import FormKeys
from shared.kit.web.state import state_of

FIELD = "_csrf"
PUBLIC_LIFETIME = timedelta(hours=24)
STAFF_LIFETIME = timedelta(hours=8)
MOST_FIELDS = 4_000
"""Fields of a form; how many bytes it may have is bounded by its path."""

STALE = N_("Siden hadde stått åpen lenge. Se over svarene dine og send en gang til.")


class CrossSite(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The form was sent from another site, or its token is not ours for this page."""


class StaleForm(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The form is ours, but was open too long."""


@dataclass(frozen=True, slots=True)
class FormCheck:
    """
    The result of checking the token of a form.

    Attributes:
        fresh: False if the form was open too long; show it again with ``STALE`` and the values kept.
        age: Time since the form was rendered; people need some seconds to fill it in, machines do not.
    """

    fresh: bool
    age: timedelta


def token(keys: FormKeys, path: str, member: StaffMember | None, now: datetime) -> str:
    """Return the hidden value of a form that posts to this path (without language)."""
    return keys.stamp(path, _binding(path, member), now)


def read(keys: FormKeys, value: str, path: str, member: StaffMember | None, now: datetime) -> FormCheck | None:
    """Check a hidden value; return None if it was not made here for this path and session."""
    made_at = keys.stamped_at(value, path, _binding(path, member))
    if made_at is None:
        return None
    age = timedelta(seconds=now.timestamp() - made_at)
    return FormCheck(age <= (STAFF_LIFETIME if member else PUBLIC_LIFETIME), age)


async def inspect(request: Request) -> FormCheck:
    """
    Check a form that is shown again when it is stale; a FastAPI dependency.

    Raises:
        CrossSite: Not sent from our page; answered 403.
        TooLateToUndo: The form undoes an act, and comes too late; answered 409.
        AskFirst: A question comes before the act; answered with it.
    """
    state = state_of(request)
    if not same_origin(request, state.public_url):
        raise CrossSite
    sent = await request.form(max_fields=MOST_FIELDS)
    value = sent.get(FIELD)
    path, member, now = request.url.path, member_of(request), state.wall()
    if not isinstance(value, str):
        raise CrossSite
    check = read(state.form_keys, value, path, member, now)
    if check is None:
        raise CrossSite
    request.state.sent = sent
    if check.fresh:
        undo.check(state.form_keys, sent.get(undo.FIELD), path, member, now)
        ask_first(state.acts, request, sent)
    return check


async def protect(request: Request) -> FormCheck:
    """
    Check a form of one button; a FastAPI dependency.

    Raises:
        CrossSite: Not sent from our page; answered 403.
        StaleForm: Open too long; answered 403 with a link back to the page.
    """
    check = await inspect(request)
    if not check.fresh:
        raise StaleForm
    return check


def same_origin(request: Request, public_url: str) -> bool:
    """Return False if the browser names another site as the sender; without such a header the token decides."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    sender = urlsplit(origin)
    own_hosts = {urlsplit(public_url).netloc, request.headers.get("host", "")}
    return sender.netloc in own_hosts


def _binding(path: str, member: StaffMember | None) -> str:
    return f"form\0session {member.session_id}" if member else f"form\0path {path}"
