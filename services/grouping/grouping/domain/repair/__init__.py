"""Better groups of those who have not been told anything; see :mod:`grouping.domain.repair.improve`."""
