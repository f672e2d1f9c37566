"""deploy/upgrade.sh under load, forth and back: every copy is replaced, nobody is refused."""

import subprocess
from collections.abc import Callable

import pytest

from tests.containers.support.load import ANSWERED, Load
from tests.containers.support.stack import ROOT, SERVICES, Stack

pytestmark = pytest.mark.containers

COPIES = 2
IDLE_CUT_OFF = {"GET RemoteProtocolError", "POST RemoteProtocolError"}
"""A connection that was idle when the gateway read its configuration; browsers try again by themselves."""

NEW_VERSION = "test-new"


async def test_upgrade_and_rollback_under_load_refuse_nobody(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    before = {service: stack.copies(service) for service in SERVICES}
    for image in (*SERVICES, "selvhjelp"):
        name = f"localhost/selvhjelp/{image}"
        subprocess.run(["docker", "tag", f"{name}:test", f"{name}:{NEW_VERSION}"], check=True)
    stack.set(SELVHJELP_VERSION=NEW_VERSION, WAIT_SECONDS="600")
    stack.set(**{f"{service.upper()}_COPIES": str(COPIES) for service in SERVICES})

    async with Load(stack) as load:
        said = await load.during("upgrade", _upgrade(stack, "--no-build"))
        for service in SERVICES:
            assert len(stack.copies(service)) == COPIES
            assert not stack.copies(service) & before[service]
            assert stack.inspect(service)["Config"]["Image"].endswith(f":{NEW_VERSION}")
        (stack.folder / "secrets" / "nats_certificate").unlink()
        subprocess.run([ROOT / "deploy" / "secrets.sh", stack.folder / "secrets"], check=True, capture_output=True)
        broker = stack.copies("nats")
        again = await load.during("new certificate of the broker", _upgrade(stack, "--no-build", "--no-migrate"))
        assert again.count("is current") == len(SERVICES)
        assert not stack.copies("nats") & broker
        (ROOT / "deploy" / "selvhjelp" / "gateway" / "Caddyfile").touch()
        await load.during("configuration of the gateway", _upgrade(stack, "--no-build", "--no-migrate"))
        stack.set(SELVHJELP_VERSION="test")
        said += await load.during("rollback", _upgrade(stack, "--no-build", "--no-migrate"))
        with capsys.disabled():
            print(f"\n{load.report()}")
        for step, answers in load.answers.items():
            cut_off = IDLE_CUT_OFF if step == "configuration of the gateway" else set()
            assert answers.keys() <= ANSWERED | cut_off, (step, said)
            assert answers["POST 202"], step
        assert load.stored() == load.accepted
    stack.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "240")
    for service in SERVICES:
        assert len(stack.copies(service)) == COPIES, "the number of copies is remembered"
        assert stack.inspect(service)["Config"]["Image"].endswith(":test")


def _upgrade(stack: Stack, *options: str) -> Callable[[], str]:
    return lambda: stack.script("upgrade.sh", *options)
