"""Tests that each template of each service imports the macros that it calls; an included one too, for itself."""

from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
FOLDERS = ("services/intake/intake", "services/grouping/grouping", "services/notify/notify", "shared/shared/kit/web")
PARSER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def parsed(path: Path) -> nodes.Template:
    """Return the nodes of a template."""
    return PARSER.parse(path.read_text())


TEMPLATES = {
    folder: {
        path.relative_to(ROOT / folder / "templates").as_posix(): parsed(path)
        for path in sorted((ROOT / folder / "templates").rglob("*.html"))
    }
    for folder in FOLDERS
}
CASES = [(folder, name) for folder, templates in TEMPLATES.items() for name in templates]


def macros_of(folder: str) -> set[str]:
    """Return the names of the macros of one folder of templates."""
    return {macro.name for template in TEMPLATES[folder].values() for macro in template.find_all(nodes.Macro)}


def borrowed(template: nodes.Template, macros: set[str]) -> set[str]:
    """Return the names of macros that a template calls without importing or defining them."""
    called = {call.node.name for call in template.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    own = {macro.name for macro in template.find_all(nodes.Macro)}
    own |= {name.name for name in template.find_all(nodes.Name) if name.ctx in ("store", "param")}
    for line in template.find_all(nodes.FromImport):
        own |= {name if isinstance(name, str) else name[1] for name in line.names}
    return called & macros - own


def test_borrowed_macro_of_the_including_template_is_found() -> None:
    template = PARSER.parse(
        '{% from "seats.html" import seat as place %}{{ place(1) }}{{ history(2) }}{{ path("/") }}{{ fields.open() }}'
    )

    assert borrowed(template, {"seat", "place", "history"}) == {"history"}


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_template_imports_the_macros_that_it_calls(folder: str, name: str) -> None:
    assert borrowed(TEMPLATES[folder][name], macros_of(folder) | macros_of(FOLDERS[-1])) == set()
