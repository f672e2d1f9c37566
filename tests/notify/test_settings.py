"""Settings of notify that cannot work stop the start with a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from shared.kit.setting_values import is_near
from shared.reference import installation
from tests.deploy.support.settings import settings
from tests.deploy.support.starting import last_words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_MAIL_FROM", "post@link.no,"),
        ("NOTIFY_MAIL_FROM", "Senteret <post@example.org>"),
        ("NOTIFY_MAIL_FROM", "post@example..org"),
        ("NOTIFY_MAIL_FROM", "post@-example.org"),
        ("NOTIFY_MAIL_FROM", "påske@example.org"),
        ("NOTIFY_MAIL_FROM", "post@example.org;b@example.org"),
        ("NOTIFY_MAIL_DOMAIN", "example..org"),
        ("NOTIFY_MAIL_DOMAIN", "-"),
        ("NOTIFY_SMTP_HOST", "smtp://mail.example.org"),
        ("NOTIFY_SMTP_HOST", "mail example"),
        ("NOTIFY_SMTP_PORT", "0"),
        ("NOTIFY_PUBLIC_URL", "example.org"),
        ("NOTIFY_PUBLIC_URL", "https://"),
        ("NOTIFY_PUBLIC_URL", "https://example.org/selvhjelp"),
        ("NOTIFY_PUBLIC_URL", "https://example.org?x=1"),
        ("NOTIFY_PUBLIC_URL", "ftp://example.org"),
        ("NOTIFY_PUBLIC_URL", "https://user:hemmelig@example.org"),
        ("NOTIFY_PUBLIC_URL", "https://exa mple.org"),
    ],
)
def test_setting_that_cannot_work_stops_the_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = last_words("notify", {name: value}, monkeypatch).splitlines()
    assert name in line
    assert "hemmelig" not in line


PASSWORD = {"NOTIFY_SMTP_USERNAME": "post", "NOTIFY_SMTP_PASSWORD": "hemmelig"}


@pytest.mark.parametrize(
    ("host", "port", "security", "secrets"),
    [
        ("smtp.example.org", 587, "none", PASSWORD),
        ("mail.example.org.", 25, "none", PASSWORD),
        ("8.8.8.8", 2525, "none", PASSWORD),
        ("2606:4700::1111", 25, "none", PASSWORD),
        ("local.example.org", 587, "none", PASSWORD),
        ("smtp.example.org", 587, "none", {}),
        ("8.8.8.8", 25, "none", {}),
        ("smtp.example.org", 465, "starttls", PASSWORD),
        ("smtp.example.org", 465, "starttls", {}),
        ("localhost", 465, "none", {}),
        ("smtp.example.org", 587, "tls", PASSWORD),
        ("smtp.example.org", 25, "tls", {}),
    ],
)
def test_unsafe_or_impossible_smtp_connection_stops_the_start(
    host: str, port: int, security: str, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"NOTIFY_SMTP_HOST": host, "NOTIFY_SMTP_PORT": str(port), "NOTIFY_SMTP_SECURITY": security}
    (line,) = last_words("notify", changes | secrets, monkeypatch).splitlines()
    assert "NOTIFY_SMTP_SECURITY" in line
    assert "hemmelig" not in line


@pytest.mark.parametrize(
    ("host", "near"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "::1", "10.0.0.5", "192.168.1.9", "fd00::1", "mail")),
        *((host, True) for host in ("MAIL", "post.internal", "nas.local", "a.b.home.arpa", "mail.lan.", "x.localhost")),
        *((host, False) for host in ("8.8.8.8", "2606:4700::1111", "mail.example.org", "local.example", "a.no.")),
    ],
)
def test_near_host_is_one_on_the_own_network(host: str, near: bool) -> None:
    assert is_near(host) is near


@pytest.mark.parametrize(
    "email",
    ["post@example.org,b.example", "post@-example.org", "post@example..org", "a;b@example.org", "a@b@c.example"],
)
def test_centre_whose_mail_cannot_be_made_stops_the_start(
    email: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = centres_file(tmp_path, email)
    (line,) = last_words("notify", {"NOTIFY_CENTRES_FILE": str(file)}, monkeypatch).splitlines()
    assert "link-bergen" in line


def centres_file(directory: Path, email: str) -> Path:
    """Write the presets of one centre, with this address."""
    centres = [dict(centre) for centre in installation.shipped("centres.yaml")["centres"]]
    bergen = next(centre for centre in centres if centre["id"] == "link-bergen")
    file = directory / "centres.yaml"
    file.write_text(yaml.safe_dump({"centres": [bergen | {"email": email}]}))
    return file


@pytest.mark.parametrize("wrong", ["setting", "centre"])
def test_process_with_what_cannot_work_ends_with_one_line(wrong: str, tmp_path: Path) -> None:
    changes = {
        "setting": {"NOTIFY_MAIL_FROM": "post@link.no,"},
        "centre": {"NOTIFY_CENTRES_FILE": str(centres_file(tmp_path, "post@-example.org"))},
    }[wrong]
    env = settings(**changes) | {"PATH": os.environ["PATH"]}
    run = subprocess.run(
        [sys.executable, "-m", "notify"],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode != 0
    assert run.stdout == ""
    (line,) = run.stderr.strip().splitlines()
    assert {"setting": "NOTIFY_MAIL_FROM", "centre": "link-bergen"}[wrong] in line
