"""The checks of scripts, settings and mail that need no running system."""

import tempfile
from pathlib import Path

import pytest

from devtools.local.ports import free_port
from devtools.testing.identities import SEEDS
from selvhjelp.installation import Installation
from selvhjelp.operations.checks import settings as settings_check
from selvhjelp.operations.checks.mail import check as check_mail
from selvhjelp.operations.script_check import compare_scripts
from shared.kit.assertions import new_keys
from tests.deploy.support.settings import KEK, same_for_all, settings
from tests.shared.support.staff import SIGNING_KEY


async def levels(**changes: str | None) -> dict[str, str]:
    """Return the level of each finding of the check of the settings, by its text."""
    return {finding.what: finding.level for finding in await settings_check.check(Installation(settings(**changes)))}


async def test_compare_scripts_finds_no_difference() -> None:
    assert await compare_scripts() == {"intake": [], "intake_keys": [], "grouping": [], "notify": []}


async def test_check_settings_valid_finds_nothing_broken() -> None:
    result = await levels()
    assert "broken" not in result.values()
    assert "the three services can read theirs" in result


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        (same_for_all("PUBLIC_URL", "http://grupper.example.org"), "broken", "PUBLIC_URL is http://grupper"),
        (same_for_all("PUBLIC_URL", "http://localhost:8080"), "warning", "PUBLIC_URL is http://localhost"),
        ({"NOTIFY_PUBLIC_URL": "https://grupper.example.org/selvhjelp"}, "broken", "NOTIFY_PUBLIC_URL"),
        (
            same_for_all("CLOCK", "2026-01-01T00:00:00+00:00|2026-01-01T00:00:00+00:00|60"),
            "broken",
            "the clock runs 60 times as fast",
        ),
        ({"NOTIFY_CLOCK": "i morgen"}, "broken", "NOTIFY_CLOCK"),
        ({"GROUPING_DATABASE_URL": "postgres://a@h/b"}, "broken", "GROUPING_DATABASE_URL"),
        (same_for_all("TRUSTED_PROXIES", "gateway") | {"INTAKE_TRUSTED_PROXIES": "*"}, "broken", "GROUPING_TRUSTED"),
        ({"NOTIFY_COMMON_KEY": "y" * 32}, "broken", "the services have different COMMON_KEY"),
        ({"GROUPING_GROUPING_KEY": None}, "broken", "grouping cannot start: GROUPING_GROUPING_KEY is missing"),
        ({"INTAKE_KEY_ENCRYPTION_KEY": "a2ort"}, "broken", "not 32 bytes"),
        (same_for_all("COMMON_KEY", "blind-index-key-of-thirty-two-signs"), "warning", "are the same"),
        ({"INTAKE_INTAKE_NOTIFY_KEY": "y" * 32}, "broken", "the services have different INTAKE_NOTIFY_KEY"),
        (
            {"NOTIFY_NATS_SEED": SEEDS["intake"].get_secret_value()},
            "broken",
            "intake and notify have the same NATS_SEED",
        ),
        ({"GROUPING_NATS_SEED": SEEDS["operator"].get_secret_value()}, "broken", "grouping and operator have the same"),
        ({"NOTIFY_STAFF_KEYS": new_keys()[1]}, "broken", "the services have different STAFF_KEYS"),
        ({"GROUPING_STAFF_KEYS": SIGNING_KEY.get_secret_value()}, "broken", "a private key, which intake alone"),
        ({"INTAKE_STAFF_SIGNING_KEY": new_keys()[0]}, "broken", "must have its public key in INTAKE_STAFF_KEYS"),
        (same_for_all("CENTRES_FILE", "/nowhere/centres.yaml"), "broken", "centres.yaml: cannot be read"),
    ],
)
async def test_check_settings_reports_each_fault(changes: dict[str, str | None], level: str, said: str) -> None:
    result = await levels(**changes)
    assert [each for what, each in result.items() if said in what] == [level], result
    assert KEK not in str(result)


async def test_check_settings_allows_a_rehearsal_without_https() -> None:
    result = await levels(
        **same_for_all("ENVIRONMENT_LABEL", "Øving"),
        **same_for_all("PUBLIC_URL", "http://localhost:8080"),
        **same_for_all("CLOCK", "2026-01-01T00:00:00+00:00|2026-01-01T00:00:00+00:00|60"),
    )
    assert "broken" not in result.values()


async def test_check_settings_reports_readable_or_writable_secrets(tmp_path: Path) -> None:
    secret = tmp_path / "common_key"
    secret.write_text("common-key-of-thirty-two-signs-or-so")
    ours = Path(tempfile.gettempdir())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(ours) and folder != ours:
            folder.chmod(0o755)
    for mode, level in ((0o600, None), (0o644, "warning"), (0o666, "broken")):
        secret.chmod(mode)
        result = await levels(INTAKE_COMMON_KEY=None, INTAKE_COMMON_KEY_FILE=str(secret))
        assert next((each for what, each in result.items() if str(secret) in what), None) == level
    tmp_path.chmod(0o700)
    assert str(secret) not in str(await levels(INTAKE_COMMON_KEY=None, INTAKE_COMMON_KEY_FILE=str(secret)))


async def test_check_mail_warns_of_unencrypted_smtp() -> None:
    env = settings(NOTIFY_SMTP_HOST="mail.invalid", NOTIFY_SMTP_PORT=str(free_port()), NOTIFY_SMTP_SECURITY="none")
    results = {finding.what.partition(" (")[0]: finding.level for finding in await check_mail(Installation(env))}
    assert results["mail goes to the mail server without encryption"] == "warning"
    assert results["the mail server does not answer"] == "broken"
