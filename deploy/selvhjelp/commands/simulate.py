"""`selvhjelp simulate`: play years of invented sign-ups against a rule for forming groups."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selvhjelp.console import FAILED, USAGE, Json, console, print_json, stop

if TYPE_CHECKING:
    from selvhjelp.simulation.tally import Tally


class Policy(StrEnum):
    """The names of the rules."""

    OPEN = "open"
    CLOSED = "closed"
    EIGHT = "eight"
    MONTHLY = "monthly"
    ALL = "all"


class Kommuner(StrEnum):
    """The kommuner in which people live: all, from 100,000 inhabitants, from 15,000, or smaller ones."""

    COUNTRY = "country"
    CITIES = "cities"
    TOWNS = "towns"
    SPARSE = "sparse"


def run(
    policy: Annotated[
        Policy,
        typer.Option(help="Form at five with free seats, at five and close, at eight, once a month; or all rules."),
    ] = Policy.ALL,
    years: Annotated[int, typer.Option(min=3, max=20, help="Only sign-ups of the second year are counted.")] = 3,
    per_year: Annotated[int, typer.Option(min=1, max=100_000, help="Sign-ups in the whole country.")] = 5000,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Number of random histories: seeds 1, 2, and so on.")] = 3,
    drop_out: Annotated[float, typer.Option(min=0, max=1, help="Share that withdraws from each seat.")] = 0.15,
    rooms: Annotated[bool, typer.Option(help="Groups need a free room.")] = True,
    igangsettere: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Number in the country; by default groups need none.")
    ] = None,
    offers: Annotated[
        bool, typer.Option(help="Let people answer offers, and compare how long a group looks for members (fill_days).")
    ] = False,
    fill_days: Annotated[
        int | None, typer.Option(min=0, max=60, help="With --offers: only this number of days, seed by seed.")
    ] = None,
    region: Annotated[Kommuner, typer.Option(help="With --offers: only people in kommuner of this size.")] = (
        Kommuner.COUNTRY
    ),
    discouraged: Annotated[
        float, typer.Option(min=0, max=1, help="With --offers: share that gives up when their group is cancelled.")
    ] = 0.0,
    as_json: Json = False,
    plot: Annotated[Path | None, typer.Option(help="Also draw a chart, as FILE.svg.", metavar="FILE")] = None,
) -> None:
    """
    Simulate invented people who sign up, wait, withdraw and give up; count those who get a group, and their waits.

    They live where Norwegians live, are the same people under every policy, and are matched by the real engine.
    Nothing is started, sent or stored.

    Exit status: 0 done, 1 failed, 2 wrong usage.
    """
    from selvhjelp.simulation import report
    from selvhjelp.simulation.rules import RULES

    if plot is not None and (plot.suffix != ".svg" or not plot.absolute().parent.is_dir()):
        raise stop(USAGE, f"{plot} cannot be written; give a name that ends in .svg, in a directory that exists")
    if offers:
        rules = None if fill_days is None else (None, fill_days)
        _play_offers(
            seeds, years, per_year, drop_out, discouraged, region, rules, rooms=rooms, igangsettere=igangsettere
        )
        return
    names = list(RULES) if policy is Policy.ALL else [policy.value]
    tallies_by_rule = _play(names, seeds, years, per_year, drop_out, rooms=rooms, igangsettere=igangsettere)
    if plot is not None:
        try:
            report.draw(tallies_by_rule, plot)
        except ImportError:
            raise stop(FAILED, "the chart needs matplotlib; install selvhjelp[plots]") from None
        except OSError as error:
            raise stop(FAILED, f"cannot write {plot} ({error.strerror}); choose another file") from None
    if as_json:
        print_json(
            {
                name: {**report.pooled(tallies).as_json(), "seeds": [tally.as_json() for tally in tallies]}
                for name, tallies in tallies_by_rule.items()
            }
        )
        return
    out = console()
    people = sum(tally.people for tally in tallies_by_rule[names[0]])
    out.print(
        f"{people} people signed up in year 2 of {years} (seeds: {seeds}). Days count from sign-up to first meeting.\n"
    )
    out.print(report.table(tallies_by_rule))
    out.print()
    for line in report.sentences(tallies_by_rule):
        out.print(line, markup=False)


def _play(
    names: list[str],
    seeds: int,
    years: int,
    per_year: int,
    drop_out: float,
    *,
    rooms: bool,
    igangsettere: int | None,
) -> "dict[str, list[Tally]]":
    from rich.console import Console
    from rich.progress import track

    from selvhjelp.simulation import world
    from selvhjelp.simulation.play import Play
    from selvhjelp.simulation.rules import RULES
    from selvhjelp.simulation.tally import Tally

    tallies_by_rule: dict[str, list[Tally]] = {name: [] for name in names}
    progress_console = Console(stderr=True)
    for seed in track(
        range(1, seeds + 1),
        "Simulating",
        console=progress_console,
        transient=True,
        disable=not progress_console.is_terminal,
    ):
        drawn = world.draw(years, per_year, seed, rooms=rooms, igangsettere=igangsettere)
        for name in names:
            tallies_by_rule[name].append(Tally.of(Play(drawn, RULES[name], drop_out).run()))
    return tallies_by_rule


def _play_offers(
    seeds: int,
    years: int,
    per_year: int,
    drop_out: float,
    discouraged: float,
    kommuner: Kommuner,
    rules: tuple[int | None, ...] | None,
    *,
    rooms: bool,
    igangsettere: int | None,
) -> None:
    from selvhjelp.simulation import offer_report, world
    from selvhjelp.simulation.offers import OfferPlay

    tallies: dict[int | None, list[offer_report.OfferTally]] = {days: [] for days in rules or offer_report.FILL_DAYS}
    region = world.Region(kommuner.value)
    for seed in range(1, seeds + 1):
        drawn = world.draw(years, per_year, seed, rooms=rooms, igangsettere=igangsettere, region=region)
        for days, of_rule in tallies.items():
            play = OfferPlay(drawn, days, drop_out, discouraged)
            play.run()
            of_rule.append(offer_report.OfferTally.of(play))
    out = console()
    people = sum(tally.people for tally in tallies[None])
    out.print(f"{people} people signed up (seeds: {seeds}). The first half-year and the last year are not counted.")
    if rules is None:
        out.print("Days that a group looks for more members:\n")
        out.print(offer_report.table(tallies))
    else:
        before, after = tallies.values()
        out.print(f"Before, and when a group looks for more members for {rules[-1]} days:\n")
        out.print(offer_report.paired_table(list(zip(before, after, strict=True))))
