"""The ends of certificates in the metrics, also while a file is being replaced."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devtools.testing.identities import AUTHORITY
from shared.kit.certificates import expiries


def settings(own: Path | None, authority: str) -> Any:
    return SimpleNamespace(tls_certificate_file=own, nats_authority=authority)


def test_expiries_are_those_of_own_certificate_and_authority(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text(AUTHORITY.certificate)

    ends = {sample.labels: sample.value for sample in expiries(settings(own, AUTHORITY.certificate * 2))}

    assert ends.keys() == {("own",), ("authority",)}
    assert ends[("own",)] == ends[("authority",)] > (datetime.now(UTC) + timedelta(days=1)).timestamp()


@pytest.mark.parametrize("text", [None, "", "x", "-----BEGIN CERTIFICATE-----", AUTHORITY.certificate[:99], "\0"])
def test_expiries_leave_out_a_certificate_that_cannot_be_read(text: str | None, tmp_path: Path) -> None:
    own = tmp_path / "own"
    if text is not None:
        own.write_text(text)

    assert list(expiries(settings(own, ""))) == []


def test_expiries_of_a_service_without_tls_are_none() -> None:
    assert list(expiries(settings(None, ""))) == []
