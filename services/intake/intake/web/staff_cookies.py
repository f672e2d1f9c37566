"""The cookies of staff: the session, and the browser in which somebody has signed in before."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from intake.usecases.provider_sign_in import ATTEMPT_VALID
from intake.usecases.session_tokens import new_token
from intake.usecases.sign_in import BROWSER_KNOWN
from intake.web.deps import Deps

_SESSION: Final = "selvhjelp"
_BROWSER: Final = "selvhjelp-kjent"
_ATTEMPT: Final = "selvhjelp-tilbyder"


def _name(name: str, deps: Deps) -> str:
    """Return the name of a cookie; over HTTPS one that no other page of the host can set."""
    return f"__Host-{name}" if deps.secure else name


def session_token(request: Request, deps: Deps) -> str:
    """Return the secret of the presented session, empty without one."""
    return request.cookies.get(_name(_SESSION, deps), "")


def browser_token(request: Request, deps: Deps) -> str:
    """Return the secret of the browser, empty without one."""
    return request.cookies.get(_name(_BROWSER, deps), "")


def give_session(response: Response, deps: Deps, token: str) -> Response:
    """Give the browser a session, until it is closed."""
    response.set_cookie(_name(_SESSION, deps), token, path="/", httponly=True, samesite="lax", secure=deps.secure)
    return response


def give_browser(response: Response, deps: Deps, token: str) -> Response:
    """Set the cookie by which the next sign-in recognises the browser."""
    response.set_cookie(
        _name(_BROWSER, deps),
        token,
        max_age=int(BROWSER_KNOWN.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=deps.secure,
    )
    return response


def take_session(response: Response, deps: Deps) -> Response:
    """Take the session from the browser."""
    response.delete_cookie(_name(_SESSION, deps), path="/", httponly=True, samesite="lax", secure=deps.secure)
    return response


def attempt_token(request: Request, deps: Deps) -> str:
    """Return the attempt to sign in with a provider, empty without one."""
    return request.cookies.get(_name(_ATTEMPT, deps), "")


def give_attempt(response: Response, deps: Deps, cookie: str) -> Response:
    """Give the browser its attempt; lax, since the provider sends it back from another site."""
    response.set_cookie(
        _name(_ATTEMPT, deps),
        cookie,
        max_age=int(ATTEMPT_VALID.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=deps.secure,
    )
    return response


def take_attempt(response: Response, deps: Deps) -> Response:
    """Take the attempt from the browser."""
    response.delete_cookie(_name(_ATTEMPT, deps), path="/", httponly=True, samesite="lax", secure=deps.secure)
    return response


def new_browser_token(request: Request, deps: Deps) -> str:
    """Return the secret of the browser, a new one if it has none."""
    return browser_token(request, deps) or new_token()
