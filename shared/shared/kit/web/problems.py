"""Refused requests as RFC 9457 problem details."""

from collections.abc import Sequence
from typing import TypedDict

from starlette.responses import JSONResponse

from shared.kit.correlation import current

PROBLEM_TYPE = "application/problem+json"


class ProblemError(TypedDict):
    """One field and its error."""

    field: str
    message: str


class Problem(Exception):  # noqa: N818 - the name of RFC 9457
    """
    A refused request, explained in the reader's language.

    Args:
        status: The HTTP status.
        slug: A fixed word for the kind of problem.
        title: One sentence, in the reader's language.
        errors: The errors of fields, in the reader's language.
    """

    def __init__(self, status: int, slug: str, title: str, errors: Sequence[ProblemError] = ()) -> None:
        self.status = status
        self.slug = slug
        self.title = title
        self.errors = tuple(errors)
        super().__init__(slug)


def problem_response(problem: Problem, locale: str) -> JSONResponse:
    """Return the problem as RFC 9457 defines it."""
    body: dict[str, object] = {
        "type": f"urn:selvhjelp:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
    }
    if (correlation_id := current()) is not None:
        body["instance"] = correlation_id.urn
    if problem.errors:
        body["errors"] = list(problem.errors)
    headers = {"Content-Language": locale, "Vary": "Accept-Language"}
    return JSONResponse(body, problem.status, headers, media_type=PROBLEM_TYPE)
