"""Write down the attempts of a mailer: their beginnings before the socket is used, their outcomes afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from notify.context import NotifyContext
from notify.domain.delivery import Accepted, Outcome
from notify.preparing import ReadyMail
from notify.usecases import outcomes, sending
from shared.kit.failpoints import failpoint


class Books:
    """
    Writes down beginnings and outcomes, several in one transaction.

    While the database is away, outcomes stay in memory, so that no mail is sent twice.
    """

    def __init__(self, context: NotifyContext) -> None:
        self._context = context
        self._outcomes: list[tuple[tuple[UUID, ...], Outcome, int]] = []
        self._put_back: list[tuple[Mapping[UUID, datetime], int]] = []

    def add(self, mail: ReadyMail, outcome: Outcome, worker: int) -> None:
        """Remember an outcome, to be written with the next :meth:`turn`."""
        self._outcomes.append((tuple(mail.due), outcome, worker))

    def add_unsent(self, mail: ReadyMail, worker: int) -> None:
        """Remember a mail of which the server has heard nothing; it keeps its place in the queue."""
        self._put_back.append((mail.due, worker))

    async def turn(self, following: Sequence[ReadyMail], worker: int) -> set[UUID]:
        """
        Write the outcomes so far and begin the attempts of the following mails; return those to send.

        The others were cancelled meanwhile, or somebody is changing them right now.
        """
        begun = {mail_id for mail in following if mail.begun for mail_id in mail.due}
        to_begin = [mail_id for mail in following if not mail.begun for mail_id in mail.due]
        accepted = {ids[0] for ids, outcome, by in self._outcomes if by == worker and _is_simple(ids, outcome)}
        if to_begin or len(accepted) > 1:
            context = self._context
            now = context.clock.now()
            written: set[UUID] = set()
            async with context.database.transaction() as session:
                if accepted:
                    written = await outcomes.record_accepted(
                        session, context.registry, accepted, worker=worker, now=now
                    )
                if to_begin:
                    begun |= await sending.begin(session, to_begin, worker=worker, now=now)
            self._outcomes = [entry for entry in self._outcomes if entry[0][0] not in written]
            failpoint("mailer.after_record")
        for entry in [entry for entry in self._outcomes if not _is_simple(*entry[:2])]:
            await self._write(entry)
        return {mail.mail_id for mail in following if begun.issuperset(mail.due)}

    async def close(self) -> int:
        """Write all that is left, one by one; return the number of mails that were put back."""
        unsent = len(self._put_back)
        context = self._context
        while self._outcomes:
            await self._write(self._outcomes[0])
        while self._put_back:
            due, worker = self._put_back[0]
            async with context.database.transaction() as session:
                await sending.put_back(session, due, worker=worker, now=context.clock.now())
            self._put_back.pop(0)
        return unsent

    async def _write(self, entry: tuple[tuple[UUID, ...], Outcome, int]) -> None:
        mail_ids, outcome, worker = entry
        context = self._context
        async with context.database.transaction() as session:
            await outcomes.record(
                session, context.registry, *mail_ids, outcome=outcome, worker=worker, now=context.clock.now()
            )
        self._outcomes.remove(entry)
        failpoint("mailer.after_record")


def _is_simple(mail_ids: Sequence[UUID], outcome: Outcome) -> bool:
    """Return True for an outcome that is written with others: that the server has one mail which left alone."""
    return len(mail_ids) == 1 and outcome == Accepted()
