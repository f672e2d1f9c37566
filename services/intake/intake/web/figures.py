"""Figures of the member's centres, without anybody who could be recognised: a page, and files for those who fund it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.figures import Year
from intake.queries import yearly_figures
from intake.web.deps import Deps, SignedIn, WebDeps
from intake.web.figure_charts import HEIGHT, WIDTH, chart, charts_of
from intake.web.figure_files import FILES, figure_file
from intake.web.figure_words import FigureWords
from intake.web.policies import OwnCentre
from shared.errors import NotFoundError
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.reference.centres import Centre
from shared.timezone import OSLO_TZ

router = APIRouter(include_in_schema=False)


@router.get("/stab/tall")
async def show_figures(request: Request, deps: WebDeps, member: SignedIn, senter: str = "", aar: str = "") -> Response:
    """Show the figures of one year of a centre."""
    centres = [centre for centre in deps.centres.all if member.covers(centre.id)]
    centre = next((own for own in centres if own.id == senter), next(iter(centres), None))
    if centre is None:
        raise NotFoundError("unknown_centre", centre=senter)
    all_years = await _years(deps, centre)
    newest = next((own for own in all_years if own.quarters), all_years[0])
    year = next((own for own in all_years if str(own.year) == aar), newest)
    words = _words(request, deps, centre, year)
    tables = words.tables()
    return deps.pages.html(
        request,
        "stab/figures.html",
        centres=centres,
        centre=centre,
        years=[own.year for own in all_years],
        year=year,
        words=words,
        tables=tables,
        charts={table.key: name for name, table in charts_of(tables).items()},
        chart_size=(WIDTH, HEIGHT),
        files=FILES,
    )


@router.get("/stab/tall/{centre_id}/{year}/{name}")
async def download_figures(request: Request, deps: WebDeps, centre: OwnCentre, year: str, name: str) -> Response:
    """Return the figures of a year as a file, or as a picture."""
    found = next((own for own in await _years(deps, centre) if str(own.year) == year and own.quarters), None)
    if found is None:
        raise NotFoundError("unknown_year", centre=centre.id)
    words = _words(request, deps, centre, found)
    if table := charts_of(words.tables()).get(name):
        return Response(chart(table), media_type="image/svg+xml")
    if name not in FILES:
        raise NotFoundError("unknown_file", centre=centre.id)
    return figure_file(name, words, now=deps.clock.now())


async def _years(deps: Deps, centre: Centre) -> list[Year]:
    today = deps.clock.now().astimezone(OSLO_TZ).date()
    async with deps.database.transaction() as session:
        return await yearly_figures.years(session, deps.centres, centre, today)


def _words(request: Request, deps: Deps, centre: Centre, year: Year) -> FigureWords:
    return FigureWords(centre, year, deps.centres, pages_of(request).gettext(request), locale_of(request))
