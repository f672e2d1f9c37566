"""
The table of access: the roles that may open each route of all services.

Every service refuses to start with a route that has no line, or a line without its route; its role check reads the
table, and so do the menu of staff and docs/security/access.md.
"""

from typing import Final

from shared.reference.access import grouping, intake, notify
from shared.reference.access.lines import FIGURES, NOTHING, Line, Visitor

_OF_EACH: Final = (
    ("GET", "/healthz", Visitor.INSIDE, NOTHING),
    ("GET", "/livez", Visitor.INSIDE, NOTHING),
    ("GET", "/readyz", Visitor.INSIDE, NOTHING),
    ("GET", "/status", Visitor.INSIDE, NOTHING),
    ("GET", "/status.json", Visitor.INSIDE, NOTHING),
    ("GET", "/metrics", Visitor.INSIDE, FIGURES),
    ("GET", "/ut", Visitor.EVERYBODY, NOTHING),
)

LINES: Final[tuple[Line, ...]] = (
    *(
        Line(service, method, path, {reader: shows})
        for service in ("intake", "grouping", "notify")
        for method, path, reader, shows in _OF_EACH
    ),
    *intake.LINES,
    *grouping.LINES,
    *notify.LINES,
)
"""Every line of every service."""
