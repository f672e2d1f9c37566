"""The look of a centre: colours that can be read, and pictures that can do nothing."""

import base64
import re
from pathlib import Path
from typing import Any, Final

import pytest

from shared.reference.branding import DARK_GROUNDS, LEAST_CONTRAST, LIGHT_GROUNDS, Branding, contrast, image_size
from tests.shared.test_reference_centres import fault, load, own

SVG: Final = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path d="M0 0h40v20z" fill="#004488"/></svg>'
PNG: Final = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x30\0\0\0\x10\x08\x06\0\0\0" + b"\0" * 8).decode()
ALT: Final = {"nb": "Et hus", "nn": "Eit hus", "en": "A house"}
GOOD: Final = {
    "color": "#004488",
    "color_dark": "#9ec5ff",
    "logo": SVG,
    "logo_dark": SVG.replace("#004488", "#9ec5ff"),
    "picture": f"data:image/png;base64,{PNG}",
    "picture_alt": ALT,
}
"""A value of every key."""

XLINK: Final = 'xmlns:xlink="http://www.w3.org/1999/xlink"'

BAD: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"color": "#ffcc00"}, "choose a darker one"),
    ({"color": "#888888"}, "color #888888 has a contrast of"),
    ({"color": "#ffffff"}, "has a contrast of 1.0 to the page (#ffffff)"),
    ({"color": "#767676"}, "text needs 4.5"),
    ({"color": "#00aa55"}, "choose a darker one"),
    ({"color_dark": "#004488"}, "choose a lighter one"),
    ({"color_dark": "#000000"}, "color_dark #000000 has a contrast of"),
    ({"color_dark": "#555555"}, "choose a lighter one"),
    ({"color": "red"}, "not written in the right form"),
    ({"color": "#123"}, "not written in the right form"),
    ({"color": "#004488;}body{display:none"}, "not written in the right form"),
    ({"color_dark": None}, "belong together"),
    ({"logo": SVG.replace("<path", "<script>alert(1)</script><path")}, "the element script"),
    ({"logo": SVG.replace("<path", '<path onload="alert(1)"')}, "the attribute onload"),
    ({"logo": SVG.replace("<path", "<foreignObject/><path")}, "the element foreignObject"),
    ({"logo": SVG.replace("<path", "<style>*{}</style><path")}, "the element style"),
    ({"logo": SVG.replace("<path", '<image href="https://x.example/a.png"/><path')}, "the element image"),
    ({"logo": SVG.replace("<path", '<use href="https://x.example/a#b"/><path')}, "outside itself"),
    ({"logo": SVG.replace("<svg", f"<svg {XLINK}").replace("<path", '<use xlink:href="//x"/><path')}, "outside itself"),
    ({"logo": SVG.replace("#004488", "url(https://x.example/a)")}, "outside itself"),
    *(
        ({"logo": SVG.replace("#004488", paint)}, "outside itself")
        for paint in (
            r"\75rl(x)",
            r"\000075rl(x)",
            r"u\72 l(x)",
            r"UR\4C(x)",
            r"ur\l(x)",
            "&#92;75rl(x)",
            r"url(\2f\2fx.example/a)",
            r"url(\#a)",
            r"\72 ed",
            "image-set('x' 1x)",
            "-webkit-image-set(a.png 1x)",
            "src(&quot;a.png&quot;)",
            "image(a.png)",
            "cross-fade(a.png, red)",
            "var(--a)",
        )
    ),
    ({"logo": SVG.replace("<path", '<a href="javascript:alert(1)"/><path')}, "the element a"),
    ({"logo": SVG.replace("<path", '<animate attributeName="href"/><path')}, "the element animate"),
    ({"logo": f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG}'}, "no DOCTYPE"),
    ({"logo": f'<?xml-stylesheet href="https://x.example/a.css"?>{SVG}'}, "no DOCTYPE"),
    ({"logo": "<html/>"}, "must be an svg element"),
    ({"logo": "<svg"}, "not an SVG drawing"),
    ({"logo": SVG.replace("0h40", "0" * 20_000)}, "bytes; at most"),
    ({"logo": "logo.svg"}, "must be an SVG drawing"),
    ({"logo": "https://x.example/logo.svg"}, "must be an SVG drawing"),
    ({"logo": "data:image/png;base64,AAAA"}, "says it is PNG and is not"),
    ({"logo": "data:image/png;base64,A"}, "not valid base64"),
    ({"logo": f"data:image/jpeg;base64,{PNG}"}, "says it is JPEG and is not"),
    ({"logo": "data:image/svg+xml;base64,AAAA"}, "must be an SVG drawing"),
    ({"logo": None}, "logo_dark needs a logo"),
    ({"picture_alt": None}, "who cannot see it"),
    ({"picture_alt": {"nb": "Et hus"}}, "must have nb, nn and en"),
    ({"font": "Comic Sans"}, "is not a key that is known here"),
)


@pytest.mark.parametrize(("change", "said"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_bad_look_stops_the_start_with_a_sentence(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    look = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    found = fault(tmp_path, {"keep": [], "centres": [own(branding=look)]})
    assert "branding" in found
    assert said in found


@pytest.mark.parametrize(
    "change", [("#004488", "rgb(0, 68, 136)"), ("#004488", "url(#a)"), ('d="', 'transform="rotate(45 20 10)" d="')]
)
def test_drawing_with_colours_and_movements_is_read(change: tuple[str, str]) -> None:
    assert Branding(logo=SVG.replace(*change)).files["logo"].media_type == "image/svg+xml"


def test_good_look_is_read_from_the_file(tmp_path: Path) -> None:
    (centre,) = load(tmp_path, {"keep": [], "centres": [own(branding=GOOD)]}).all
    assert set(GOOD) == set(Branding.model_fields)
    logo = centre.branding.files.get("logo")
    assert logo is not None
    assert (logo.media_type, image_size(logo)) == ("image/svg+xml", (40, 20))
    picture = centre.branding.files.get("picture")
    assert picture is not None
    assert (picture.media_type, image_size(picture)) == ("image/png", (48, 16))
    assert centre.branding.files.get("colors")
    assert centre.branding.files.get("font") is None


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.0),
        ("#ffffff", "#ffffff", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, known: float) -> None:
    assert round(contrast(one, other), 2) == known == round(contrast(other, one), 2)


@pytest.mark.parametrize(
    ("color", "color_dark"), [("#004488", "#9ec5ff"), ("#5a2a6e", "#e0b0ff"), ("#1d5d1d", "#99dd99")]
)
def test_text_on_and_in_the_colours_can_be_read_in_both_schemes(color: str, color_dark: str) -> None:
    style = Branding(color=color, color_dark=color_dark).files.get("colors")
    assert style is not None
    light, dark = style.content.decode().split("@media")
    for css, grounds, on_it in ((light, LIGHT_GROUNDS, "#ffffff"), (dark, DARK_GROUNDS, "#000000")):
        for name in ("base-default", "base-hover", "base-active"):
            (own_color,) = re.findall(rf"--ds-color-accent-{name}:(#\w+);", css)
            assert contrast(own_color, on_it) >= LEAST_CONTRAST
            assert all(contrast(own_color, ground) >= LEAST_CONTRAST for ground in grounds)


ORIGINS: Final = (
    "https://link-nord.example/",
    "https://link-nord.example/side",
    "*",
    "https://*.example",
    "link-nord.example",
    "https://a.example; script-src *",
    "javascript:alert(1)",
    "http://link-nord.example",
    "http://localhost.example",
    "http://127.0.0.1.example:80",
)


@pytest.mark.parametrize("origin", ORIGINS)
def test_site_that_is_no_origin_is_refused(tmp_path: Path, origin: str) -> None:
    assert "embedded_on" in fault(tmp_path, {"keep": [], "centres": [own(embedded_on=[origin])]})


@pytest.mark.parametrize(
    "origin",
    ["https://link-nord.example", "https://www.link-nord.example:8443", "http://localhost:80", "http://127.0.0.1"],
)
def test_site_with_scheme_and_host_is_an_origin(tmp_path: Path, origin: str) -> None:
    (centre,) = load(tmp_path, {"keep": [], "centres": [own(embedded_on=[origin])]}).all
    assert centre.embedded_on == (origin,)
