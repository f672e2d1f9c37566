"""Dead letters that a person asked to be tried once more."""

from typing import TYPE_CHECKING

from shared.kit.logging import get_logger
from shared.kit.messaging.retry import reason_of

if TYPE_CHECKING:
    from shared.kit.service import Service

log = get_logger(__name__)


async def replay_dead_letters(service: "Service") -> None:
    """Try each once, as if from the stream; what succeeds is gone, what fails stays with its new reason."""
    async with service.database.transaction() as session:
        letters = await service.dead_letters.to_replay(session)
    by_name = {consumer.durable: consumer for consumer in service.consumers}
    for letter in letters:
        consumer = by_name.get(letter["consumer"])
        try:
            if consumer is None:
                raise LookupError(letter["consumer"])  # noqa: TRY301 - told like any other failure
            event = consumer.read(letter["subject"], letter["payload"])
            async with service.database.transaction() as session:
                await consumer.take(session, service.inbox, event)
                await service.dead_letters.drop(session, letter["id"])
            log.info("dead_letter_replayed", dead_letter_id=letter["id"])
        except Exception as error:
            async with service.database.transaction() as session:
                await service.dead_letters.still_dead(session, letter["id"], reason_of(error))
            log.warning("dead_letter_still_dead", dead_letter_id=letter["id"], exc_info=error)
