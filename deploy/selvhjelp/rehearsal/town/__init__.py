"""A town of invented people in which a new coordinator lives two years of groups: `selvhjelp rehearse`."""
