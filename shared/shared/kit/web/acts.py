"""
What keeps an act of staff from being a slip: it can be undone for twenty seconds, or a question comes first.

Each service has a table with a line for each POST route of staff; :func:`faults` compares it with the routes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request

SURE: Final = "_sure"
"""The field of a form that answers the question before an act."""

OWN_ACCESS: Final = re.compile(r"/stab/(logg|konto(?!er))")
"""The pages of one's own access: sign-in, password, second factors and sessions."""

Fields = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Undone:
    """
    An act that another one takes back.

    Attributes:
        path: The path of that act, with the parameters of this one; empty if the route itself names it each time.
        fields: Its fields; ``{name}`` is the value of a field or parameter of this one.
        when: Presses for which this holds, as in :class:`Asked`.
        other: The line for every other press.
    """

    path: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, str] = field(default_factory=dict)
    other: "Act | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
    """
    An act that a question comes before, in words (msgids).

    Attributes:
        title: The question.
        lead: What happens, and to whom.
        button: The answer that acts.
        danger: True if the button is to warn.
        when: The fields by which it is asked, with their values; every press without any.
        other: The line for every other press.
    """

    title: str
    lead: str
    button: str
    danger: bool = False
    when: Mapping[str, str] = field(default_factory=dict)
    other: "Act | None" = None


@dataclass(frozen=True, slots=True)
class Shown:
    """
    An act whose own page asks.

    Attributes:
        why: ``question``: a page asks before it. ``form``: one fills a form in that says what happens and to whom.
            ``spoken``: a person has just said it to staff, and it is written down. ``read``: nothing is changed.
    """

    why: str


Act = Undone | Asked | Shown
Acts = Mapping[str, Act]

ON_A_PAGE: Final = Shown("question")
ON_THE_FORM: Final = Shown("form")
SPOKEN: Final = Shown("spoken")
READ: Final = Shown("read")


class AskFirst(Exception):  # noqa: N818 - a condition, not a fault of ours
    """The press was about an act that a question comes before; answered with the question."""

    def __init__(self, question: Asked) -> None:
        super().__init__(question.title)
        self.question = question


def act_of(acts: Acts, request: Request, sent: FormData) -> Act | None:
    """Return the line of the press that a request is."""
    act = acts.get(getattr(request.scope.get("route"), "path", ""))
    while isinstance(act, Undone | Asked) and any(sent.get(name) != value for name, value in act.when.items()):
        act = act.other
    return act


def ask_first(acts: Acts, request: Request, sent: FormData) -> None:
    """
    Let a press pass that needs no question, or answers it.

    Raises:
        AskFirst: The question comes first.
    """
    act = act_of(acts, request, sent)
    if isinstance(act, Asked) and sent.get(SURE) != "ja":
        raise AskFirst(act)


def faults(acts: Acts, paths: Iterable[str]) -> list[str]:
    """Return what the table lacks of the paths of POST routes, and what it has besides."""
    needed = {path for path in paths if path.startswith("/stab/") and not OWN_ACCESS.match(path)}
    lacking = [f"POST {path} is neither undone nor asked before" for path in sorted(needed - set(acts))]
    return lacking + [f"POST {path} has a line, but is no route of staff" for path in sorted(set(acts) - needed)]
