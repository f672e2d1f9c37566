"""A page as a browser without JavaScript has it: text, links, and forms with their buttons."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_HIDDEN = frozenset({"script", "style", "template", "title"})


@dataclass
class Button:
    """A button that sends a form; its own name and value go with the fields."""

    label: str
    name: str
    value: str
    action: str


@dataclass
class Form:
    """
    A form, with the values that a browser would send and its buttons.

    Attributes:
        written: Names of the fields that people write in.
        types: The type of each of them, as "date" or "textarea".
    """

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


@dataclass
class Page:
    """
    One page.

    Attributes:
        path: Its address, without host.
        text: What is read on it, with single spaces.
        links: Text and address of each link.
    """

    status: int
    path: str
    html: str
    text: str = ""
    title: str = ""
    heading: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    def link(self, text: str) -> str:
        """Return the address of the first link whose text contains this."""
        for label, href in self.links:
            if text.lower() in label.lower():
                return href
        msg = f"no link {text!r} on {self.path} among {[label for label, _ in self.links]}"
        raise AssertionError(msg)

    def version(self, name: str) -> str:
        """Return the version of a text that the box on a form agrees to."""
        return next(value for value in self.html.split(f'name="{name}"')[1].split('"') if value[:2] == "20")

    def buttons(self) -> Iterator[tuple[Form, Button]]:
        """Yield each button with its form."""
        for form in self.forms:
            for button in form.buttons:
                yield form, button

    def button(self, label: str) -> tuple[Form, Button]:
        """Return the first button whose label is this, else the first that contains it."""
        found = list(self.buttons())
        for same in (lambda text: text.lower() == label.lower(), lambda text: label.lower() in text.lower()):
            for form, button in found:
                if same(button.label):
                    return form, button
        msg = f"no button {label!r} on {self.path} among {[button.label for _, button in found]}"
        raise AssertionError(msg)

    def has_button(self, label: str) -> bool:
        """Return True if a button's label contains this."""
        return any(label.lower() in button.label.lower() for _, button in self.buttons())


def read(status: int, path: str, html: str) -> Page:
    """Parse a page."""
    page = Page(status, path, html)
    parser = _Parser(page)
    parser.feed(html)
    parser.close()
    page.text = _single_spaces(" ".join(parser.words))
    return page


class _Parser(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.words: list[str] = []
        self._stack: list[str] = []
        self._collecting: list[tuple[str, list[str]]] = []
        self._href = ""
        self._select: tuple[str, list[str], str | None] | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag not in _VOID:
            self._stack.append(tag)
        if tag in {"a", "h1", "title", "button"}:
            self._collecting.append((tag, []))
        if tag == "a":
            self._href = given.get("href", "")
        elif tag == "form":
            self.page.forms.append(Form(given.get("action", "") or self.page.path, given.get("method", "get").lower()))
        elif self.page.forms:
            self._in_form(tag, given)

    def _in_form(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.page.forms[-1], given.get("name", "")
        if tag == "input" and given.get("type") == "submit":
            form.buttons.append(
                Button(given.get("value", ""), name, given.get("value", ""), given.get("formaction", ""))
            )
        elif tag == "input" and name and "disabled" not in given:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                form.fields.setdefault(name, []).append(given.get("value", "on" if "checked" in given else ""))
                if given.get("type") not in {"hidden", "checkbox", "radio"}:
                    form.written.add(name)
                    form.types[name] = given.get("type", "text")
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append(Button("", name, given.get("value", ""), given.get("formaction", "")))
        elif tag == "select":
            self._select = (name, [], None)
        elif tag == "option" and self._select is not None:
            select_name, chosen, first = self._select
            value = given.get("value", "")
            if "selected" in given:
                chosen.append(value)
            self._select = (select_name, chosen, value if first is None else first)
        elif tag == "textarea":
            self._textarea = name
            form.fields.setdefault(name, [""])
            form.written.add(name)
            form.types[name] = "textarea"

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop() != tag:
            pass
        if tag == "select" and self._select is not None:
            name, chosen, first = self._select
            if name and (chosen or first is not None):
                self.page.forms[-1].fields.setdefault(name, []).extend(chosen or [first or ""])
            self._select = None
        if tag == "textarea":
            self._textarea = ""
        if self._collecting and self._collecting[-1][0] == tag:
            _, words = self._collecting.pop()
            self._collected(tag, _single_spaces(" ".join(words)))

    def _collected(self, tag: str, text: str) -> None:
        if tag == "a":
            self.page.links.append((text, self._href))
        elif tag == "title":
            self.page.title = text
        elif tag == "h1":
            self.page.heading = self.page.heading or text
        elif self.page.forms and self.page.forms[-1].buttons and not self.page.forms[-1].buttons[-1].label:
            self.page.forms[-1].buttons[-1].label = text

    def handle_data(self, data: str) -> None:
        for _, words in self._collecting:
            words.append(data)
        if self._textarea and self.page.forms:
            self.page.forms[-1].fields[self._textarea] = [data]
        if not _HIDDEN.intersection(self._stack):
            self.words.append(data)


def _single_spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
