"""
Ask intake for the contacts of recipients at the moment of sending, and store them nowhere.

Most recipients are people or accounts by their id. A sealed address of a group has an id of its own, and is opened only
for the meeting that the group is invited to.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from notify.contacts import Ask, Contacts
from notify.store import kontaktmoter
from shared.events.contacts import Contact, GroupAddress
from shared.kit.clock import Clock
from shared.kit.database.engine import Database


class Recipients(Contacts):
    """
    Asks intake for contacts, also for those behind sealed addresses.

    Args:
        ask: Sends one request.
        database: Says which ids are of sealed addresses.
        clock: Tells which meetings are not over.
    """

    def __init__(self, ask: Ask, database: Database, clock: Clock) -> None:
        super().__init__(ask)
        self._database, self._clock = database, clock

    async def resolve(self, person_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """
        Return the contacts of up to a hundred people or sealed addresses, by id; who is erased is missing.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        async with self._database.transaction() as session:
            sealed = await kontaktmoter.sealed_recipients(session, person_ids, self._clock.now())
        people = [id_ for id_ in person_ids if id_ not in sealed]
        found = dict(await super().resolve(people)) if people else {}
        meetings: dict[UUID, set[UUID]] = {}
        for kontaktmote_id, group_id in sealed.values():
            meetings.setdefault(kontaktmote_id, set()).add(group_id)
        for kontaktmote_id, group_ids in meetings.items():
            for address in await self.addresses(kontaktmote_id, group_ids):
                if address.address_id in sealed:
                    found[address.address_id] = _contact(address)
        return found


def _contact(address: GroupAddress) -> Contact:
    return Contact(
        person_id=address.address_id, first_name=None, email=address.email, language=address.language, has_mobile=False
    )
