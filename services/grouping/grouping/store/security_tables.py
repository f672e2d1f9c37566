"""The table of security events, which pages of admins show."""

from grouping.store.tables import Base
from shared.kit.security_events import SecurityEvents

security_events = SecurityEvents(Base.metadata)
