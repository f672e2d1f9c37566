"""QR codes."""

from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Return a text as a QR code (SVG) without a name, dark on white in a dark theme too: phones read no other."""
    import segno  # noqa: PLC0415 - only for the few pages with a code

    code = segno.make(text, error="l", micro=False)
    svg = code.svg_inline(scale=4, border=4, light="#fff", omitsize=True, svgclass="qr")
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704 - of a library, from our own address
