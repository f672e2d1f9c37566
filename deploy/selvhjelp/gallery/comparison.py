"""
Compare two pictures of a mail as a person would: what has moved by a pixel, or has other edges, is the same.

A newer Chromium draws some letters a little differently. A line that is clipped, missing, in another colour or in
another place changes the average brightness of a whole patch.
"""

from typing import Final

from PIL import Image, ImageChops

_PATCH_PIXELS: Final = 4
"""Side of a patch; a line of text in a picture is about twice as high."""
_PATCH_DIFFERENCE: Final = 32
"""Difference of a patch, of 255, from which it has changed; a shift of one CSS pixel makes 28."""
_SIZE_DIFFERENCE_PIXELS: Final = 3


def difference(old: Image.Image, new: Image.Image) -> str | None:
    """Return what is different, for people; None if the pictures are the same."""
    if any(abs(a - b) > _SIZE_DIFFERENCE_PIXELS for a, b in zip(old.size, new.size, strict=True)):
        return f"is {new.width} × {new.height} instead of {old.width} × {old.height}"
    size = min(old.width, new.width), min(old.height, new.height)
    patches = ImageChops.difference(_patches(old, size), _patches(new, size))
    changed = patches.point(lambda value: 255 * (value >= _PATCH_DIFFERENCE)).getbbox()
    if changed is None:
        return None
    left, top, right, bottom = (side * _PATCH_PIXELS for side in changed)
    return f"differs between ({left}, {top}) and ({right}, {bottom})"


def _patches(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the average colour of each patch as brightness."""
    return picture.convert("L").crop((0, 0, *size)).reduce(_PATCH_PIXELS)
