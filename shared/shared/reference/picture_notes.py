"""Notes in a photograph, as when, where and with what it was taken: taken out, all but how it is to be turned."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

# Colour profiles stay.
_JPEG_NOTES: Final = frozenset({0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE})
_JPEG_EXIF: Final = 0xE1
_JPEG_IMAGE: Final = 0xDA
_EXIF: Final = b"Exif\0\0"
_PNG_NOTES: Final = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_PNG_END: Final = b"IEND"

_BYTE_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_TURNED: Final = range(2, 9)


def jpeg_without_notes(content: bytes) -> bytes:
    """
    Return the segments of a JPEG that are needed to show it, turned as it was.

    Raises:
        ValueError: It is broken.
    """
    return b"".join(_segments(content))


def png_without_notes(content: bytes) -> bytes:
    """
    Return the chunks of a PNG that are needed to show it, turned as it was.

    Raises:
        ValueError: It is broken.
    """
    return b"".join(_chunks(content))


def _segments(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at, turned = 2, False
    while content[at : at + 1] == b"\xff" and at + 4 <= len(content):
        marker, end = content[at + 1], at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _JPEG_IMAGE:
            yield content[at:]
            return
        if end < at + 4:
            break
        if marker not in _JPEG_NOTES:
            yield content[at:end]
        elif marker == _JPEG_EXIF and not turned and content[at + 4 : end].startswith(_EXIF):
            turn = _turn_alone(content[at + 4 + len(_EXIF) : end])
            turned = bool(turn)
            if turn:
                yield b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(turn)) + _EXIF + turn
        at = end
    raise ValueError("the JPEG has no image")


def _chunks(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at, turned = 8, False
    while at + 12 <= len(content):
        end, name = at + 12 + int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if end > len(content):
            break
        if name not in _PNG_NOTES:
            yield content[at:end]
        elif name == b"eXIf" and not turned and (turn := _turn_alone(content[at + 8 : end - 4])):
            turned = True
            yield struct.pack(">I", len(turn)) + name + turn + struct.pack(">I", zlib.crc32(name + turn))
        if name == _PNG_END:
            return
        at = end
    raise ValueError("the PNG has no end")


def _turn_alone(notes: bytes) -> bytes:
    """Return notes with nothing but how the picture is to be turned; empty if it stands as it is."""
    orientation = _orientation(notes)
    if orientation not in _TURNED:
        return b""
    return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _orientation(notes: bytes) -> int:
    """Return the orientation in notes (Exif 2.32, 4.6.4), 0 if there is none or they are broken."""
    order = _BYTE_ORDERS.get(notes[:4])
    if order is None:
        return 0
    try:
        (start,) = struct.unpack_from(f"{order}I", notes, 4)
        (entries,) = struct.unpack_from(f"{order}H", notes, start)
        for entry in range(entries):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", notes, start + 2 + 12 * entry)
            if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
                return int(value)
    except struct.error:
        return 0
    return 0
