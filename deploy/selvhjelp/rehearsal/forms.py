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
    """
    A form with the values that a browser would send, and its buttons.

    Attributes:
        choices: The values of its boxes and radio buttons that can be chosen and are not, by name.
    """

    method: str
    action: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: Button | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._open)
        if self._open is None:
            return
        if tag == "input" and "name" in given and "disabled" not in given:
            self._take_input(self._open, given)
        if tag == "textarea":
            self._textarea = given.get("name", "")
            self._open.fields[self._textarea] = ""
        if tag == "button" and given.get("type", "submit") == "submit":
            action = given.get("formaction", self._open.action)
            self._button = Button(given.get("name", ""), given.get("value", ""), action)
            self._open.buttons.append(self._button)

    def _take_input(self, form: Form, given: dict[str, str]) -> None:
        if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
            form.choices.setdefault(given["name"], []).append(given.get("value", "on"))
        else:
            form.fields[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text = f"{self._button.text} {data.strip()}".strip()
        if self._textarea and self._open is not None:
            self._open.fields[self._textarea] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        if tag == "textarea":
            self._textarea = ""
        if tag == "form":
            self._open = None


def forms_of(html: str) -> list[Form]:
    """Return the forms that change something, in the order of the page."""
    reader = _Reader()
    reader.feed(html)
    return [form for form in reader.forms if form.method == "post"]
