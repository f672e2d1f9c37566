"""A centre decides its telephone, hours and colours on the pages: seen first, saved as a version, shown everywhere."""

import httpx
import pytest

from intake.domain import look_forms
from shared.reference import centres
from shared.reference.branding import DARK_GROUNDS, LEAST_CONTRAST, LIGHT_GROUNDS, contrast, readable
from shared.reference.centre_look import CentreLook
from shared.reference.centres import CentreDirectory, version_content
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_policy_pages import PAGE, desk, plain

__all__ = ["desk"]

LOOK = {
    "phone": "55 12 34 56",
    "hours_nb": "hverdager kl. 9 til 15",
    "hours_nn": "kvardagar kl. 9 til 15",
    "hours_en": "weekdays 9 to 15",
    "color": "#004488",
    "color_dark": "",
}


async def preview(desk: Browser, **written: str) -> httpx.Response:
    return await desk.press(await desk.get(f"{PAGE}/utseende"), "/utseende", steg="se", **written)


async def test_look_is_seen_first_then_saved_and_shown(desk: Browser, world: World) -> None:
    seen = await preview(desk, **LOOK)
    assert 'fill="#004488"' in seen.text
    assert "kvardagar kl. 9 til 15" in seen.text
    assert await world.rows("select number from policies where centre = 'link-bergen'") == [(1,)]

    saved = await desk.press(seen, "/utseende", steg="lagre")
    assert saved.status_code == 303
    page = await desk.get("/link-bergen/")
    assert "55 12 34 56" in page.text
    assert "hverdager kl. 9 til 15" in page.text
    assert "/merke/link-bergen/colors?v=" in page.text
    assert await world.rows("select number from policies where centre = 'link-bergen' order by 1") == [(1,), (2,)]
    assert await world.rows("select scope from audit_log where action = 'policy.saved'") == [("link-bergen",)]
    assert "Telefon, tider, farger eller bilder ble endret." in plain(await desk.get(f"{PAGE}/utgaver"))


async def test_look_stays_when_the_policy_or_the_texts_change(desk: Browser) -> None:
    await desk.press(await preview(desk, **LOOK), "/utseende", steg="lagre")
    texts = {f"not_now_{language}": "Sorg." for language in ("nb", "nn", "en")}
    shown = await desk.press(await desk.get(f"{PAGE}/tekster"), "/tekster", steg="se", **texts)
    await desk.press(shown, "/tekster", steg="lagre")
    assert "55 12 34 56" in (await desk.get("/link-bergen/")).text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"color": "#ffcc00"}, "Fargen er for lys til å leses: kontrasten er 1,"),
        ({"color": "#ffcc00"}, f"Den nærmeste som kan leses, er {readable('#ffcc00')}."),
        ({"color": "#004488", "color_dark": "#004488"}, "Fargen er for mørk til å leses"),
        ({"color": "red"}, "seks tegn etter #"),
        ({"color": "#004488;}body{display:none"}, "seks tegn etter #"),
        ({"color": "", "color_dark": "#9ec5ff"}, "Velg også en farge for lyse sider."),
        ({"phone": "ring oss"}, "bare tall og mellomrom"),
        ({"hours_nn": ""}, "på alle tre språk"),
        ({"hours_en": "x" * 101}, "høyst 100 tegn"),
    ],
)
async def test_wrong_look_is_explained_and_loses_nothing(
    desk: Browser, world: World, written: dict[str, str], said: str
) -> None:
    answer = await preview(desk, **{**LOOK, **written})
    assert answer.status_code == 422
    assert said in plain(answer)
    assert 'value="hverdager kl. 9 til 15"' in answer.text
    assert await world.rows("select number from policies where centre = 'link-bergen'") == [(1,)]


async def test_unchanged_look_is_not_saved(desk: Browser) -> None:
    form = await desk.get(f"{PAGE}/utseende")
    assert "Du har ikke endret noe ennå." in plain(await desk.press(form, "/utseende", steg="se"))


@pytest.mark.parametrize("color", ["#ffcc00", "#00ff00", "#777777", "#ff0000", "#ffffff", "#000000", "#1f5e4b"])
def test_readable_colour_can_be_read_in_both_schemes(color: str) -> None:
    for grounds, dark in ((LIGHT_GROUNDS, False), (DARK_GROUNDS, True)):
        better = readable(color, dark=dark)
        assert all(contrast(better, ground) >= LEAST_CONTRAST for ground in grounds)
        assert readable(better, dark=dark) == better


def test_version_with_a_look_holds_in_every_service() -> None:
    directory = CentreDirectory(centres.load())
    centre = directory.current().get("link-oslo")
    assert centre is not None
    look = CentreLook(phone="22 33 44 55", color="#004488", color_dark="#9ec5ff")
    content = version_content(centre.policy, centre.texts.model_copy(update={"look": look}))
    directory.apply("link-oslo", 3, content)
    changed = directory.current().get("link-oslo")
    assert changed is not None
    assert (changed.phone, changed.branding.color, changed.hours) == ("22 33 44 55", "#004488", None)
    assert "colors" in changed.branding.files
    values = look_forms.form_values(changed)
    assert look_forms.parse(values) == (look, ())
