"""The names by which staff call groups: where and when they meet."""

from collections import Counter
from collections.abc import Sequence

from fastapi import Request

from notify.store import ContactGroup
from notify.store.centre_messages import NamedGroup
from notify.web.deps import Deps
from shared.kit.web.state import locale_of
from shared.reference import slots
from shared.reference.areas import DIGITAL_TEXTS, ON_SCREEN
from shared.reference.group_names import group_name
from shared.timezone import OSLO_TZ


def group_names(deps: Deps, request: Request, groups: Sequence[ContactGroup | NamedGroup]) -> list[str]:
    """Return the names of groups in the reader's language; a number tells those with the same name apart."""
    locale, seen, names = locale_of(request), Counter[str](), []
    for group in groups:
        name = place = _place(deps, group)
        slot = group.slot if isinstance(group, NamedGroup) else None
        if group.starts_at is not None:
            name = group_name(place, slots.slot_of(group.starts_at.astimezone(OSLO_TZ)), group.starts_at, locale)
        elif slot is not None:
            name = group_name(place, slot, None, locale)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _place(deps: Deps, group: ContactGroup | NamedGroup) -> str:
    """Return where a group meets, without what its centre says as long as there is no address."""
    part = deps.directory.current().part(group.area)
    if part is None:
        return group.place_text
    centre, area = part
    if group.place_text in DIGITAL_TEXTS.values():
        return ON_SCREEN.name
    place = group.place_text
    for sentence in centre.meeting_place.values():
        place = place.removesuffix(sentence)
    return place.strip(" .") or area.name
