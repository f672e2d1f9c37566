"""Answers to the question whether an igangsetter starts a group: by link, when signed in, or on the phone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.igangsetter_page import question_view, starter_ref
from grouping.usecases import starters
from grouping.web.deps import (
    Acting,
    Check,
    HelperActing,
    OwnStarterQuestion,
    QuestionToMe,
    StarterLink,
    WebDeps,
)
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.kit.web.next_page import Next

router = APIRouter(include_in_schema=False)

YesOrNo = Annotated[Literal["ja", "nei"], Form()]


@router.get("/igangsettersvar/{token}")
async def show_question(request: Request, deps: WebDeps, question_id: StarterLink, token: str) -> Response:
    """Show a question to the igangsetter who has its link. Changes nothing."""
    if question_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    async with deps.database.transaction() as session:
        view = await question_view(session, deps.context, question_id, deps.clock.now())
    if view is None:
        return deps.pages.html(request, "igangsetter/question_gone.html", 404)
    return deps.pages.html(
        request, "igangsetter/question.html", view=view, centre=view.centre, action=f"/igangsettersvar/{token}"
    )


@router.post("/igangsettersvar/{token}")
async def answer_by_link(
    request: Request, deps: WebDeps, question_id: StarterLink, token: str, _check: Check, svar: YesOrNo
) -> Response:
    """Take the answer of the igangsetter who has the link."""
    if question_id is None:
        raise HTTPException(404)
    async with deps.database.transaction() as session:
        question = await starter_ref(session, question_id)
    if question is None:
        return deps.pages.html(request, "igangsetter/question_gone.html", 404)
    actor = Actor(str(question.igangsetter_id), deps.clock.now(), Cause.fresh())
    try:
        async with deps.database.transaction() as session:
            await starters.answer(session, deps.context, question_id, yes=svar == "ja", actor=actor)
    except DomainError:
        pass  # lapsed or withdrawn: the page itself explains the state of the question
    return deps.pages.redirect(request, f"/igangsettersvar/{token}")


@router.post("/igangsetter/sporsmal/{question_id}")
async def answer_signed_in(
    request: Request, deps: WebDeps, actor: HelperActing, question: QuestionToMe, _check: Check, svar: YesOrNo
) -> Response:
    """Take the answer of an igangsetter on their own page."""
    try:
        async with deps.database.transaction() as session:
            await starters.answer(session, deps.context, question.id, yes=svar == "ja", actor=actor)
    except DomainError:
        return deps.pages.redirect(request, "/igangsetter?gjort=for_sent")
    return deps.pages.redirect(request, f"/igangsetter?gjort={svar}")


@router.post("/stab/igangsettere/sporsmal/{question_id}/svar")
async def answer_by_phone(
    request: Request,
    deps: WebDeps,
    question: OwnStarterQuestion,
    actor: Acting,
    _check: Check,
    next_page: Next,
    svar: YesOrNo,
) -> Response:
    """Take the answer that an igangsetter gave to a member of staff on the phone."""
    async with deps.database.transaction() as session:
        await starters.answer(session, deps.context, question.id, yes=svar == "ja", actor=actor, by_phone=True)
    return deps.pages.redirect(request, next_page.after(f"/stab/grupper/{question.group_id}"))
