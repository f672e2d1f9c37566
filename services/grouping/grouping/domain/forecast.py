from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    from_days: int
    to_days: int
