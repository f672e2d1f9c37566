"""
Small pictures of a page, beside each other in one, compared as people would.

What has other edges or a slightly different shade is the same. A line that is clipped, missing, in another colour or in
another place changes the average colour of a whole patch.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, Literal, NamedTuple

from PIL import Image, ImageChops


class View(NamedTuple):
    """One way to see a page, in CSS pixels."""

    width: int
    scheme: Literal["light", "dark"]


Views = Sequence[View]
"""From left to right in one file."""

PICTURE_WIDTHS: Final = {360: 160, 1280: 480}
"""Widths of pictures by the width of the page: small, but headings and buttons can be read."""
_BELOW: Final = (128, 128, 128)
"""Grey below a page in a file with a longer one: no theme has it, so that a page that has grown differs."""
_COLOURS: Final = (16, 24, 32, 48, 64, 128, 256)
"""A picture is kept in as few of these as make no difference."""
_PATCH_PIXELS: Final = 4
"""Side of a patch, 9 or 11 CSS pixels: about half a line of text."""
_PATCH_DIFFERENCE: Final = 32
"""Difference in one of red, green and blue, of 255, from which a patch has changed."""
_KEPT_DIFFERENCE: Final = 20
"""Difference that a picture in few colours may have from the page: less, so that some is left for the comparison."""


def sheet(taken: Sequence[Image.Image]) -> Image.Image:
    """Return one picture of several beside each other."""
    *lefts, width = [0, *accumulate(picture.width for picture in taken)]
    whole = Image.new("RGB", (width, max(picture.height for picture in taken)), _BELOW)
    for left, picture in zip(lefts, taken, strict=True):
        whole.paste(picture, (left, 0))
    return whole


def differences(old: Image.Image, new: Image.Image, views: Views, least: int = _PATCH_DIFFERENCE) -> Iterator[str]:
    """Yield what is different in each view, in words."""
    size = new.width, max(old.height, new.height)
    difference = ImageChops.difference(_patches(old, size), _patches(new, size))
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    changed = most.point(lambda value: 255 * (value >= least))
    left = 0
    for view in views:
        scale = PICTURE_WIDTHS[view.width] / view.width
        right = left + PICTURE_WIDTHS[view.width]
        box = changed.crop((left // _PATCH_PIXELS, 0, right // _PATCH_PIXELS, changed.height)).getbbox()
        if box is not None:
            x, y, to_x, to_y = (int(side * _PATCH_PIXELS / scale) for side in box)
            yield f"{view.width} wide, {view.scheme}, between ({x}, {y}) and ({to_x}, {to_y}) on the page"
        left = right


def _patches(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the average colour of each patch of a picture that is made as large as another."""
    whole = Image.new("RGB", size, _BELOW)
    whole.paste(picture, (0, 0))
    return whole.reduce(_PATCH_PIXELS)


def in_few_colours(picture: Image.Image, views: Views) -> Image.Image:
    """Return a picture in a few of its colours that looks the same."""
    for colours in _COLOURS:
        mixed = picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few = picture.quantize(palette=_own_colours(picture, mixed), dither=Image.Dither.NONE).convert("RGB")
        if not list(differences(few, picture, views, _KEPT_DIFFERENCE)):
            return few
    return picture


def _own_colours(picture: Image.Image, mixed: Image.Image) -> Image.Image:
    """Return a palette with the most frequent colour of a picture in the place of each of a mixed palette."""
    counts: list[tuple[int, Any]] = picture.getcolors(picture.width * picture.height) or []
    each = Image.new("RGB", (len(counts), 1))
    each.putdata([colour for _, colour in counts])
    places = each.quantize(palette=mixed, dither=Image.Dither.NONE).get_flattened_data()
    most: dict[Any, Any] = {}
    for place, counted in zip(places, counts, strict=True):
        most[place] = max(most.get(place, counted), counted)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in most.values() for part in colour])
    return palette
