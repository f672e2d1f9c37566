"""Every key, password, identity and certificate is replaced while people sign up: nobody is refused, links go on."""

import json
import os
import re
import time
from collections.abc import Callable
from functools import partial

import pytest

from selvhjelp.operations.key_table import ROTATED
from selvhjelp.rehearsal.visitor import Mailbox, Visitor
from tests.containers.support.load import ANSWERED, Load
from tests.containers.support.stack import SERVICES, Stack
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.containers

ONCE = ("postgres", "nats", "gateway")
"""Services that must never start anew."""

WHOLE = "ROTATION_UNDER_LOAD" in os.environ
"""Whether certificates are replaced too, which starts all copies twice: minutes."""

BY_HAND = re.compile(
    r"dkim|oidc|smtp|imap|sms|database_replicator" + ("" if WHOLE else "|authority|.*_(certificate|tls_key)$")
)
"""Secrets that others give, and that of the standby of a cluster."""


@pytest.mark.asvs("11.2.2")
async def test_every_secret_replaced_under_load_refuses_nobody(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.set(WAIT_SECONDS="600")  # of deploy/upgrade.sh, on a machine where other tests run
    folder = stack.folder / "secrets"
    started = {service: _started(stack, service) for service in ONCE}
    secrets = {path.name: path.read_text() for path in folder.iterdir()}
    steps: dict[str, Callable[[], str | None]] = {
        "keys": partial(_keys, stack),
        "passwords": partial(stack.script, "rotate.sh", "passwords"),
        "identities": partial(stack.script, "rotate.sh", "identities"),
    }
    if WHOLE:
        steps["certificates and authority"] = partial(stack.script, "rotate.sh", "certificates", "--authority")
    links: list[str] = []
    said = ""
    async with Load(stack) as load:
        await load.during("before", partial(time.sleep, 1))
        links.append(await _newest_link(stack, load))
        for step, rotate in steps.items():
            outcome = await load.during(step, rotate)
            said += outcome or ""
            links.append(await _newest_link(stack, load))
        with capsys.disabled():
            print(f"\n{load.report()}")
        for step, answers in load.answers.items():
            assert answers.keys() <= ANSWERED, (step, said)
            assert answers["POST 202"], step
        assert load.stored() == load.accepted
    assert {service: _started(stack, service) for service in ONCE} == started
    unchanged = {name for name, text in secrets.items() if (folder / name).read_text() == text}
    assert all(BY_HAND.match(name) for name in unchanged), unchanged
    _old_secrets_open_nothing(stack, secrets)
    await _confirm(stack, links[0])


def _keys(stack: Stack) -> None:
    """Replace each key that the command changes, one after the other, as docs/security/keys.md says."""
    each = f"set -e; for name in {' '.join(ROTATED)}; do selvhjelp keys rotate $name --secrets /secrets; done"
    mounted = ("-u", str(os.getuid()), "-v", f"{stack.folder / 'secrets'}:/secrets")
    stack.compose("run", "--rm", "--no-deps", "--no-TTY", *mounted, "--entrypoint", "sh", "selvhjelp", "-c", each)


async def _newest_link(stack: Stack, load: Load) -> str:
    """Return the link that the last who signed up gets: forms, events and mails go on."""
    mailbox = Mailbox(stack.mailbox_url)

    async def link() -> str | None:
        mails = [mail for mail in await mailbox.new(set()) if mail.to == load.last_address]
        return next((link for mail in mails if (link := mail.link("bekreft"))), None)

    try:
        return str(await eventually(link, within_seconds=120))
    finally:
        await mailbox.close()


def _old_secrets_open_nothing(stack: Stack, secrets: dict[str, str]) -> None:
    for role in SERVICES:
        address = secrets[f"database_{role}"].strip().replace("+asyncpg", "").replace("@postgres:", "@127.0.0.1:")
        assert "password authentication failed" in stack.inside("postgres", f"psql '{address}' -c 'SELECT 1'")
    users = stack.inside("nats", "cat /etc/nats/users.conf")
    assert not [line for line in secrets["nats_users"].splitlines() if line.rpartition(" ")[2] in users]
    if not WHOLE:
        return
    # All know the new authority alone by now, so that whoever shows a certificate of before is not believed.
    for reader in ("gateway", *SERVICES):
        assert secrets["authority"].strip() not in stack.inside(reader, "cat /run/secrets/authority")
    look = ("--entrypoint", "sh", "selvhjelp", "-c", "selvhjelp check --json || true")  # the mailbox is a warning
    findings = json.loads(stack.compose("run", "--rm", "--no-deps", "--no-TTY", *look))["findings"]
    sick = [
        each for each in findings if each["part"] in ("certificates", "NATS", "databases") and each["level"] != "ok"
    ]
    assert not [each for each in sick if each["part"] != "databases" or each["level"] == "broken"], sick


async def _confirm(stack: Stack, link: str) -> None:
    visitor = Visitor(stack.url)
    try:
        page, forms = await visitor.open(link)
        assert page.status_code == 200
        form = next(form for form in forms if form.method == "post" and "/bekreft/" in f"{form.action}{page.url}")
        assert (await visitor.press(form, page)).status_code == 200
    finally:
        await visitor.close()


def _started(stack: Stack, service: str) -> tuple[str, int]:
    container = stack.inspect(service)
    return container["State"]["StartedAt"], container["RestartCount"]
