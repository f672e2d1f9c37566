"""Forms on the page of a task, filled in by its coordinator."""

import re
from html import unescape

from fastapi import FastAPI

from shared.events.tasks import Opened
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.world import World


def fields_of(html: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to an action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, action
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group())
    return {name: unescape(value) for name, value in inputs}


async def task_of(world: World, kind: str) -> Opened:
    """Return the open task of a kind."""
    return next(task for task in await world.open_tasks() if task.kind == kind)


async def press(app: FastAPI, task: Opened, action: str, **fields: str) -> str:
    """Open the page of a task, fill in one form, and return where it leads."""
    browser = Browser(app, KARI)
    page = await browser.get(f"{task.path}?oppgave={task.task_id}")
    assert "Tilbake til listen" in words(page)
    answer = await browser.post(action, **fields_of(page.text, action) | fields)
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])
