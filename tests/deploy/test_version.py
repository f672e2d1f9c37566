"""The version that an installation tells of itself."""

import sys

import pytest

from selvhjelp.__main__ import main
from selvhjelp.version import version_text


@pytest.mark.parametrize(
    ("number", "revision", "expected"),
    [
        (None, None, "selvhjelp 0.1.0"),
        ("", "", "selvhjelp 0.1.0"),
        ("1.2.3", "unknown", "selvhjelp 1.2.3"),
        ("dev", "a1b2c3", "selvhjelp dev (a1b2c3)"),
        (None, "a1b2c3", "selvhjelp 0.1.0 (a1b2c3)"),
    ],
)
def test_version_text_has_number_and_known_revision(
    monkeypatch: pytest.MonkeyPatch, number: str | None, revision: str | None, expected: str
) -> None:
    for name, value in (("SELVHJELP_VERSION", number), ("SELVHJELP_REVISION", revision)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert version_text() == expected


def test_version_option_prints_and_ends_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["selvhjelp", "--version"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("selvhjelp ")
