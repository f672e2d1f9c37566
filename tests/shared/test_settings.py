"""Values from mounted files, and settings that every service has."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from devtools.testing.identities import SEEDS
from shared.errors import SettingError
from shared.kit.settings import ServiceSettings, read_value_file
from tests.shared.support.staff import STAFF_KEYS


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TOY_")


DATABASE = "postgresql+asyncpg://toy@127.0.0.1/toy"
KEYS = {"common_key": "k" * 32, "staff_keys": STAFF_KEYS, "nats_seed": SEEDS["toy"].get_secret_value()}


@pytest.mark.parametrize(
    "content",
    [
        b"hemmelig",
        b"hemmelig\n",
        b"hemmelig\r\n",
        b"\xef\xbb\xbfhemmelig\n",
        b"  hemmelig \t\n",
        b"\xef\xbb\xbf\r\nhemmelig",
    ],
)
def test_value_file_gives_value_without_marks_around_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert read_value_file("TOY_COMMON_KEY_FILE", tmp_path / "file") == "hemmelig"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfeh\x00e\x00",
        b"hem\x00melig",
        b"hem\xef\xbb\xbfmelig",
        b"\xe6\xf8\xe5",
        *(f"hem{mark}melig".encode() for mark in "\u200b\u202e\u2060\u00ad\u0085\u001b\u007f"),
        "\u202ahemmelig\u202c".encode(),
    ],
)
def test_value_file_that_cannot_be_read_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        read_value_file("TOY_COMMON_KEY_FILE", file)
    assert str(file) in str(caught.value)
    assert "TOY_COMMON_KEY_FILE" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b" ", b"\xef\xbb\xbf"])
def test_empty_value_file_is_no_value(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    monkeypatch.setenv("TOY_COMMON_KEY_FILE", str(file))
    with pytest.raises(ValidationError) as caught:
        Settings(database_url=SecretStr(DATABASE), staff_keys=STAFF_KEYS, nats_seed=SEEDS["toy"])
    assert [error["type"] for error in caught.value.errors()] == ["missing"]


@pytest.mark.parametrize("name", ["missing", "."])
def test_value_file_that_is_no_file_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot read"):
        read_value_file("TOY_COMMON_KEY_FILE", tmp_path / name)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("https://EXAMPLE.org:8443", "https://example.org:8443"),
        ("https://tromsø.example", "https://xn--troms-zua.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_public_url_is_written_as_links_need_it(given: str, used: str) -> None:
    settings = Settings.model_validate({"database_url": DATABASE, "public_url": given, **KEYS})
    assert settings.public_url == used


@pytest.mark.parametrize(
    "given", ["example.org", "https://", "//example.org", "https://example.org/sti", "https://a..b", "https://[", "x"]
)
def test_public_url_that_makes_no_link_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"database_url": DATABASE, "public_url": given, **KEYS})
