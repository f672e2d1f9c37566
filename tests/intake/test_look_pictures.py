"""A centre uploads its logo and its picture: checked as those of the file, seen first, saved, and shown everywhere."""

import re
import struct
import zlib
from io import BytesIO
from typing import Any, Final

import httpx
import pytest
from PIL import ExifTags, Image, ImageOps

from shared.reference import centres
from shared.reference.brand_pictures import LIMITS, CentrePictures, PictureError, checked
from shared.reference.centre_look import CentreLook
from shared.reference.centres import CentreDirectory, version_content
from tests.intake.support.browser import URL, Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_branding import KEYS, branded
from tests.intake.test_policy_pages import PAGE, desk, plain
from tests.shared.test_reference_branding import ALT, BAD, GOOD, SVG

__all__ = ["desk"]

LOOK: Final = f"{PAGE}/utseende"
ALTS: Final = {f"alt_{language}": text for language, text in ALT.items()}


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


PIXEL: Final = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
PNG: Final = b"".join((b"\x89PNG\r\n\x1a\n", *PIXEL, chunk(b"IEND", b"")))
WHERE: Final = b"60.39 N 5.32 E, Kari sin telefon"
NOTES: Final = b"\xff\xe1" + struct.pack(">H", len(WHERE) + 8) + b"Exif\0\0" + WHERE
REMARK: Final = b"\xff\xfe" + struct.pack(">H", len(WHERE) + 2) + WHERE
JFIF: Final = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
JPEG: Final = b"".join((b"\xff\xd8", JFIF, NOTES, REMARK, b"\xff\xdb\0\3\1", b"\xff\xda\0\2data\xff\xd9"))


async def press(desk: Browser, page: httpx.Response, /, **given: Any) -> httpx.Response:
    """Press the button of the form, with files as a browser sends them."""
    (form,) = [form for form in forms_of(page) if form.action.endswith("/utseende")]
    files = {name: given.pop(name) for name in list(given) if name.endswith("_file")}
    sent = dict.fromkeys(("logo_file", "picture_file"), ("", b"")) | {
        name: (f"{name}.bin", content) for name, content in files.items()
    }
    data = {**form.fields, "steg": "se", **given}
    return await desk.client.post(form.action, data=data, files=sent, headers={"Origin": URL})


async def numbers(world: World) -> list[int]:
    return [
        number for (number,) in await world.rows("select number from policies where centre = 'link-bergen' order by 1")
    ]


@pytest.mark.asvs("5.3.1")
async def test_pictures_are_seen_first_then_saved_and_shown(desk: Browser, world: World) -> None:
    seen = await press(desk, await desk.get(LOOK), logo_file=SVG.encode(), picture_file=PNG, **ALTS)
    assert seen.status_code == 200, plain(seen)
    for address in re.findall(r'src="(/merke/link-bergen/[0-9a-f]{64})"', seen.text):
        file = await desk.get(address)
        assert file.content in {SVG.encode(), PNG}
        assert "sandbox" in file.headers["content-security-policy"]
    assert await numbers(world) == [1]
    assert "/merke/" not in (await desk.get("/link-bergen/")).text

    saved = await press(desk, seen, steg="lagre")
    assert saved.status_code == 303, plain(saved)
    page = await desk.get("/link-bergen/")
    for name in ("logo", "picture", "picture_alt"):
        assert KEYS[name] in page.text
    assert KEYS["logo_dark"] not in page.text
    (address,) = re.findall(r'class="logo" src="(/merke/link-bergen/logo[^"]+)"', page.text)
    logo = await desk.get(address)
    assert (logo.content, logo.headers["content-type"]) == (SVG.encode(), "image/svg+xml")
    assert "immutable" in logo.headers["cache-control"]
    assert await numbers(world) == [1, 2]
    assert len(await world.rows("select 1 from audit_log where action = 'policy.saved'")) == 1
    assert "Telefon, tider, farger eller bilder ble endret." in plain(await desk.get(f"{PAGE}/utgaver"))


async def test_other_look_and_texts_leave_the_pictures(desk: Browser) -> None:
    seen = await press(desk, await desk.get(LOOK), logo_file=SVG.encode())
    await press(desk, seen, steg="lagre")
    await press(desk, await press(desk, await desk.get(LOOK), color="#004488"), steg="lagre")
    texts = {f"not_now_{language}": "Sorg." for language in ("nb", "nn", "en")}
    shown = await desk.press(await desk.get(f"{PAGE}/tekster"), "/tekster", steg="se", **texts)
    await desk.press(shown, "/tekster", steg="lagre")
    page = (await desk.get("/link-bergen/")).text
    assert KEYS["logo"] in page
    assert KEYS["color"] in page


async def test_removed_picture_is_gone_and_the_other_one_stays(desk: Browser) -> None:
    """Also where the other one is that of the installation's file."""
    branded(desk, **GOOD)
    seen = await press(desk, await desk.get(LOOK), picture_none="true")
    assert seen.status_code == 200, plain(seen)
    assert (await press(desk, seen, steg="lagre")).status_code == 303
    page = (await desk.get("/link-bergen/")).text
    assert KEYS["picture"] not in page
    assert KEYS["logo"] in page
    (address,) = re.findall(r'class="logo" src="([^"]+)"', page)
    assert (await desk.get(address)).content == SVG.encode()


async def test_opened_form_without_a_change_is_not_saved(desk: Browser) -> None:
    branded(desk, **GOOD)
    assert "Du har ikke endret noe ennå." in plain(await press(desk, await desk.get(LOOK)))


@pytest.mark.asvs("5.2.1", "5.2.2")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"picture_file": PNG}, "Den som ikke ser det, får lest det opp."),
        ({"picture_file": PNG, **ALTS, "alt_nn": ""}, "Den som ikke ser det, får lest det opp."),
        ({"picture_file": PNG, **ALTS, "alt_en": "x" * 101}, "høyst 100 tegn"),
        ({"logo_file": b"GIF89a"}, "formatet SVG, PNG eller JPEG"),
        ({"logo_file": b"%PDF-1.7"}, "formatet SVG, PNG eller JPEG"),
        ({"logo_file": PNG[:-20]}, "formatet SVG, PNG eller JPEG"),
        ({"logo_file": SVG.encode() + b" " * 5 + b"<!--" + b"x" * 20_000 + b"-->"}, "høyst 20 kB"),
        ({"picture_file": PNG[:33] + chunk(b"IDAT", b"x" * 100_000) + PNG[33:], **ALTS}, "høyst 100 kB"),
        ({"logo_file": SVG.replace("<path", "<script>alert(1)</script><path").encode()}, "bare ha former"),
        ({"logo": "f" * 64}, "Velg fila en gang til."),
    ],
)
async def test_wrong_picture_is_explained_and_nothing_is_saved(
    desk: Browser, world: World, given: dict[str, Any], said: str
) -> None:
    answer = await press(desk, await desk.get(LOOK), color="#004488", **given)
    assert answer.status_code == 422
    assert said in plain(answer)
    assert 'value="#004488"' in answer.text
    assert await numbers(world) == [1]


async def test_file_of_a_refused_form_need_not_be_chosen_again(desk: Browser) -> None:
    answer = await press(desk, await desk.get(LOOK), logo_file=SVG.encode(), color="#ffcc00")
    assert answer.status_code == 422
    seen = await press(desk, answer, color="#004488")
    assert await press(desk, seen, steg="lagre")
    assert KEYS["logo"] in (await desk.get("/link-bergen/")).text


async def test_picture_of_another_centre_cannot_be_named(desk: Browser, world: World) -> None:
    seen = await press(desk, await desk.get(LOOK), logo_file=SVG.encode())
    digest = forms_of(seen)[-1].fields["logo"]
    await world.rows("update centre_pictures set centre = 'link-oslo' returning 1")
    answer = await press(desk, await desk.get(LOOK), logo=digest)
    assert "Velg fila en gang til." in plain(answer)


async def test_previews_that_nobody_saved_are_deleted_a_day_later(desk: Browser, world: World) -> None:
    seen = await press(desk, await desk.get(LOOK), logo_file=SVG.encode())
    await press(desk, seen, steg="lagre")
    for color in ("#111111", "#222222"):
        await press(desk, await desk.get(LOOK), logo_file=SVG.replace("#004488", color).encode())
    assert await world.count("centre_pictures") == 3
    await world.rows("update centre_pictures set stored_at = stored_at - interval '25 h' returning 1")
    await press(desk, await desk.get(LOOK), logo_file=SVG.replace("#004488", "#333333").encode())
    assert await world.count("centre_pictures") == 2
    (address,) = re.findall(r'class="logo" src="([^"]+)"', (await desk.get("/link-bergen/")).text)
    assert (await desk.get(address)).content == SVG.encode()


@pytest.mark.asvs("1.3.4", "5.2.2")
@pytest.mark.parametrize("look", [look["logo"] for look, _ in BAD if str(look.get("logo", "")).startswith("<")])
def test_drawing_that_the_file_may_not_have_cannot_be_uploaded(look: str) -> None:
    with pytest.raises(PictureError) as refused:
        checked(look.encode(), LIMITS["logo"])
    assert refused.value.code in {"drawing", "large"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le"])
def test_drawing_in_letters_that_hide_its_elements_is_refused(encoding: str) -> None:
    """A parser would find out; what looks for entities would not."""
    with pytest.raises(PictureError):
        checked(f'<!DOCTYPE svg [<!ENTITY a "a">]>{SVG}'.encode(encoding), LIMITS["logo"])


def test_upload_loses_where_and_when_it_was_taken() -> None:
    assert WHERE not in checked(JPEG, LIMITS["picture"]).content
    assert checked(JPEG, LIMITS["picture"]).content.endswith(b"data\xff\xd9")
    notes = [chunk(name, WHERE) for name in (b"tEXt", b"eXIf", b"iTXt", b"tIME")]
    noted = b"".join((PNG[:8], PIXEL[0], *notes, PIXEL[1], chunk(b"IEND", b""), WHERE))
    assert checked(noted, LIMITS["picture"]).content == PNG


def photograph(kind: str, orientation: int, order: str = ">") -> bytes:
    """Return a picture whose corners differ, that is to be turned, and that says where it was taken."""
    picture = Image.new("RGB", (48, 32), "white")
    for corner, color in zip(((0, 0), (32, 0), (0, 16), (32, 16)), ("red", "green", "blue", "black"), strict=True):
        picture.paste(color, (*corner, corner[0] + 16, corner[1] + 16))
    notes = Image.Exif()
    notes.endian = order
    notes[ExifTags.Base.ImageDescription] = WHERE.decode()
    notes[ExifTags.Base.Orientation] = orientation
    notes.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (60.0, 23.0, 24.0)
    file = BytesIO()
    picture.save(file, kind, exif=notes)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photograph_held_upright_stays_upright(kind: str, order: str, orientation: int) -> None:
    """It is shown as it was, and says no more than how it is turned."""
    sent = photograph(kind, orientation, order)
    kept = checked(sent, LIMITS["picture"]).content
    with Image.open(BytesIO(sent)) as before, Image.open(BytesIO(kept)) as after:
        shown, still = ImageOps.exif_transpose(before), ImageOps.exif_transpose(after)
        assert dict(after.getexif()) == ({} if orientation == 1 else {ExifTags.Base.Orientation: orientation})
        assert shown.size == still.size
        assert shown.tobytes() == still.tobytes()
    assert WHERE in sent
    assert WHERE not in kept
    assert checked(kept, LIMITS["picture"]).content == kept


@pytest.mark.parametrize(
    "notes",
    [
        b"",
        b"MM\0*",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09",
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\x06",
        b"XX\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06",
    ],
)
def test_broken_notes_leave_the_picture_as_it_stands(notes: bytes) -> None:
    segment = b"\xff\xe1" + struct.pack(">H", len(notes) + 8) + b"Exif\0\0" + notes
    broken = JPEG.replace(NOTES, segment)
    assert checked(broken, LIMITS["picture"]).content == JPEG.replace(NOTES, b"").replace(REMARK, b"")


@pytest.mark.parametrize("cut", [*range(2, 24), 40])
def test_broken_photograph_is_refused(cut: int) -> None:
    with pytest.raises(PictureError):
        checked(JPEG[:cut], LIMITS["picture"])


def test_version_with_pictures_holds_in_every_service() -> None:
    """They know the hash only; a version that does not know pictures leaves them out."""
    directory = CentreDirectory(centres.load())
    centre = directory.current().get("link-oslo")
    assert centre is not None
    stored = checked(SVG.encode(), LIMITS["logo"]).stored
    own = centre.texts.model_copy(update={"pictures": CentrePictures(logo=stored), "look": CentreLook(color=None)})
    content = version_content(centre.policy, own)
    directory.apply("link-oslo", 3, content)
    changed = directory.current().get("link-oslo")
    assert changed is not None
    assert changed.branding.versions == {"logo": stored.version}
    assert changed.branding.files == {}
    none = own.model_copy(update={"pictures": CentrePictures()})
    directory.apply("link-oslo", 4, version_content(centre.policy, none))
    changed = directory.current().get("link-oslo")
    assert changed is not None
    assert changed.branding.versions == {}
