"""A simple model of replies to a meeting: who has how many places, and a queue."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Model:
    """A list at the door: who has how many places, and a queue of who wants how many."""

    capacity: int
    has: dict[UUID, int] = field(default_factory=dict)
    queue: list[tuple[UUID, int]] = field(default_factory=list)
    closed: bool = False
    gone: set[UUID] = field(default_factory=set)

    def free(self) -> int:
        return self.capacity - sum(self.has.values())

    def wish(self, id_: UUID) -> int:
        return next((people for who, people in self.queue if who == id_), self.has.get(id_, 0))

    def answer(self, id_: UUID, people: int, mates: list[UUID]) -> None:
        together = [id_, *mates]
        held = sum(self.has.get(who, 0) for who in together)
        wished = sum(self.wish(who) for who in together)
        if self.closed and people > held and people - held > self.free():
            return
        places = [place for place, (who, _) in enumerate(self.queue) if who in together]
        for who in mates:
            self.has.pop(who, None)
        self.has[id_] = held
        stays = bool(places) and held < people <= wished
        if stays:
            self.queue[places[0]] = (id_, people)
        first = self.queue[places[0]] if stays else None
        self.queue = [entry for entry in self.queue if entry is first or entry[0] not in together]
        if people <= held or self.closed:
            self.has[id_] = people
        elif not stays:
            self.queue.append((id_, people))
        self.serve()

    def serve(self) -> None:
        while self.queue and not self.closed:
            who, people = self.queue[0]
            if people - self.has.get(who, 0) > self.free():
                return
            self.has[who] = people
            self.queue.pop(0)
