"""Settings of notify that cannot work stop the start with a sentence."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from shared.reference import installation
from tests.deploy.support.settings import settings


def start(changes: Mapping[str, str | None], directory: Path) -> subprocess.CompletedProcess[str]:
    """Start notify with these settings; it ends by itself when one of them cannot work."""
    env = settings(**changes) | {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-m", "notify"],
        env=env,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


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
def test_setting_that_cannot_work_stops_the_start(name: str, value: str, tmp_path: Path) -> None:
    run = start({name: value}, tmp_path)
    assert run.returncode != 0
    assert run.stdout == ""
    (line,) = run.stderr.strip().splitlines()
    assert name in line
    assert "hemmelig" not in line


@pytest.mark.parametrize(
    "email",
    ["post@example.org,b.example", "post@-example.org", "post@example..org", "a;b@example.org", "a@b@c.example"],
)
def test_centre_whose_mail_cannot_be_made_stops_the_start(email: str, tmp_path: Path) -> None:
    centres = [dict(centre) for centre in installation.shipped("centres.yaml")["centres"]]
    bergen = next(centre for centre in centres if centre["id"] == "link-bergen")
    file = tmp_path / "centres.yaml"
    file.write_text(yaml.safe_dump({"centres": [bergen | {"email": email}]}))
    run = start({"NOTIFY_CENTRES_FILE": str(file)}, tmp_path)
    assert run.returncode != 0
    (line,) = run.stderr.strip().splitlines()
    assert "link-bergen" in line
