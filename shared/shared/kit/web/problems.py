"""Refusals, as pages for people and as RFC 9457 problem details for programs."""

from collections.abc import Sequence
from typing import TypedDict

from starlette.responses import JSONResponse

PROBLEM_TYPE = "application/problem+json"


class ProblemError(TypedDict):
    """One field and what is wrong with it."""

    field: str
    message: str


class Problem(Exception):  # noqa: N818 - the name of RFC 9457
    """
    A request that cannot be done, said so that the reader understands it.

    Args:
        status: The HTTP status.
        slug: A fixed word for the kind of problem.
        title: One sentence, in the reader's language.
        errors: What is wrong with each field, in the reader's language.
    """

    def __init__(self, status: int, slug: str, title: str, errors: Sequence[ProblemError] = ()) -> None:
        self.status = status
        self.slug = slug
        self.title = title
        self.errors = tuple(errors)
        super().__init__(slug)


def problem_response(problem: Problem, locale: str) -> JSONResponse:
    """The problem as RFC 9457 says."""
    body: dict[str, object] = {
        "type": f"urn:selvhjelp:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    headers = {"Content-Language": locale, "Vary": "Accept-Language"}
    return JSONResponse(body, problem.status, headers, media_type=PROBLEM_TYPE)
