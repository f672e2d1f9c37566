"""The search for routes that lack access control."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Mount

from shared.kit.staff import StaffMember
from shared.kit.web import auth

Member = Annotated[StaffMember, Depends(auth.require("koordinator"))]


@auth.object_access
async def own_area(area_id: str, _member: Member) -> str:
    return area_id


OwnArea = Annotated[str, Depends(own_area)]
router = APIRouter(prefix="/stab")


@router.get("/omrader")
async def guarded(member: Member) -> str:
    return member.username


@router.post("/omrader/{area_id}")
async def own(area: OwnArea) -> str:
    return area


@router.get("/innlogging")
async def no_role() -> None:
    """Lacks a role."""


@router.get("/grupper/{group_id}")
async def no_object(group_id: str, _member: Member) -> str:
    return group_id


public = APIRouter()


@public.get("/plass/{token}")
async def no_check(token: str) -> str:
    return token


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    app.include_router(public)
    app.router.routes.append(Mount("/static", FastAPI()))
    return app


def test_unguarded_routes_names_each_missing_check(app: FastAPI) -> None:
    assert auth.unguarded_routes(app) == [
        "GET /stab/innlogging: no role",
        "GET /stab/grupper/{group_id}: no object access",
        "GET /plass/{token}: no object access",
    ]


def test_unguarded_routes_leaves_open_paths_out(app: FastAPI) -> None:
    faults = auth.unguarded_routes(app, open_paths=["/stab/innlogging", "/plass/{token}"])

    assert faults == ["GET /stab/grupper/{group_id}: no object access"]
