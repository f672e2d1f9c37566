"""The pages of grouping: a seat and the waiting list for participants, everything else for staff."""
