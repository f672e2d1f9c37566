"""Read the forms of a page, as a browser without JavaScript has them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Button:
    """A button that submits a form, with its ``name`` and ``value``."""

    name: str
    value: str
    action: str
    text: str = ""


@dataclass
class Form:
    """A form with its hidden fields and its buttons."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._open)
        if self._open is None:
            return
        if tag == "input" and given.get("type") == "hidden" and "name" in given:
            self._open.fields[given["name"]] = given.get("value", "")
        if tag == "button" and given.get("type", "submit") == "submit":
            action = given.get("formaction", self._open.action)
            self._button = Button(given.get("name", ""), given.get("value", ""), action)
            self._open.buttons.append(self._button)

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text = f"{self._button.text} {data.strip()}".strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        if tag == "form":
            self._open = None


def forms_of(html: str) -> list[Form]:
    """Return the forms that change something, in the order of the page."""
    reader = _Reader()
    reader.feed(html)
    return [form for form in reader.forms if form.method == "post"]
