"""`selvhjelp mails gallery`: every mail as people see it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selvhjelp.console import CommandError, console

if TYPE_CHECKING:
    from selvhjelp.gallery.samples import Sample

app = typer.Typer(name="mails", help="The mails that people get.", no_args_is_help=True)


@app.callback()
def mails() -> None:
    """Look at the mails that people get."""


@app.command("gallery")
def gallery(
    out: Annotated[Path, typer.Option(help="Where the page goes")] = Path("var/mails"),
    pictures: Annotated[
        Path | None,
        typer.Option(help="Where a picture of each mail goes; none are made without it, nor without Chromium"),
    ] = None,
) -> None:
    """
    Render every mail with invented people, in all languages, light and dark, for a phone and a wide screen.

    Pictures that look the same as before are not written again.
    """
    from notify.mails.registry import mail_registry
    from selvhjelp.gallery.page import page
    from selvhjelp.gallery.samples import samples

    kinds = {spec.kind: list(samples(spec.kind)) for spec in mail_registry()}
    with _writing():
        out.mkdir(parents=True, exist_ok=True)
        (out / "index.html").write_text(page(kinds), "utf-8")
        console().print(f"{len(kinds)} mails in {out / 'index.html'}")
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            changed = asyncio.run(_renew(pictures, kinds))
            console().print(f"{changed} pictures written in {pictures}")


async def _renew(folder: Path, kinds: "dict[str, list[Sample]]") -> int:
    """Write the pictures that look different from those in the folder, delete those of no mail; return their number."""
    try:
        from PIL import Image

        from selvhjelp.gallery.comparison import difference
        from selvhjelp.gallery.pictures import PROGRAM, browser, pictures, views
    except ModuleNotFoundError as error:
        raise CommandError(f"pictures need {error.name}; install selvhjelp[pictures]") from None
    if not PROGRAM.exists():
        raise CommandError(f"pictures need {PROGRAM}; `make browser` installs it")
    gone = [file for file in folder.glob("*.png") if file.stem not in kinds]
    for file in gone:
        file.unlink()
    changed = len(gone)
    async with browser() as started:
        async for kind, picture in pictures(started, {kind: views(samples) for kind, samples in kinds.items()}):
            file = folder / f"{kind}.png"
            if file.exists() and difference(Image.open(file), picture) is None:
                continue
            picture.save(file, optimize=True)
            changed += 1
    return changed


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"cannot write {error.filename} ({error.strerror})") from None
