"""A setting that cannot work stops the start with one line that has its name: every setting of every service."""

import socket
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import SecretStr

from devtools.local.authority import issue
from devtools.testing.identities import AUTHORITY, SEEDS
from shared.kit import logging, serve
from shared.kit.assertions import new_keys
from shared.kit.messaging.identities import public_key
from shared.kit.settings import ServiceSettings
from shared.reference.key_rings import RINGS
from tests.deploy.support.settings import KEK, settings
from tests.deploy.support.starting import last_words
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS

REAL = "2026-01-01T00:00:00+00:00"
VERSION = "1@2026-01-01:" + "x" * 42 + "w"
NO_KEYS = ["", "short", "x" * 31, " " * 40, "\t" * 33, "\u200b" * 32, "x" * 31 + "\u2060", "x" * 30 + "  "]
NO_RINGS = [
    *[
        "1@2026-01-01:kort",
        "1@2026-13-01:" + "x" * 43,
        "x" * 40 + "\n" + "y" * 40,
        f"{VERSION}\n{VERSION}",
        f"{VERSION}\n0:kort",
    ],
    *[f"{VERSION}\n{'x' * 40}", "0@2026-01-01:" + "x" * 43 + "\n"],
]
NO_DATABASES = [
    "",
    "x",
    "postgresql://a@h/b",
    "postgres://a:hemmelig@h/b",
    "mysql+asyncpg://a@h/b",
    "sqlite:///x",
    "postgresql+asyncpg:///",
    "postgresql+asyncpg://u:hemmelig@",
    "postgresql+asyncpg://a:hemmelig@h:x/b",
    "postgresql+asyncpg://a:hemmelig@h:99999/b",
    "postgresql+asyncpg://a:hemmelig@h h/b",
]
NO_HOSTS = ["", "256.1.1.1", "1.2.3", "not a host", "http://0.0.0.0", "-", ".", "a..b", "[::1", "h:25", "x" * 64]
NO_PORTS = ["", "0", "-1", "65536", "x", "25.5", "²"]
NO_SECONDS = ["", "0", "-1", "x", "nan", "inf", "1e999", "-inf", "5 s"]
SEED = SEEDS["toy"].get_secret_value()
OTHER_PAIR = new_keys()
OTHER_KEYS = [
    OKPKey.generate_key("X25519").as_pem(private=True).decode(),
    RSAKey.generate_key(2048).as_pem(private=True).decode(),
    ECKey.generate_key("P-256").as_pem(private=True).decode(),
]
NO_STAFF_KEYS = [
    *["", "x" * 40, SIGNING_KEY.get_secret_value(), STAFF_KEYS[:80], STAFF_KEYS.replace("PUBLIC", "OTHER")],
    *[STAFF_KEYS + OTHER_PAIR[0], *OTHER_KEYS],
]
NO_SEEDS = ["", "x", "SUAAA", "U" * 56, SEED.lower(), SEED[:-1], f"S{SEED}", f"SA{SEED[2:]}", public_key(SEED)]
BROKEN_CERTIFICATE = AUTHORITY.certificate.replace("MII", "MIJ")
NO_COUNTS = ["", "-1", "x", "1.5", "NaN", "inf", "ti"]

BAD = {
    "host": NO_HOSTS,
    "port": NO_PORTS,
    "database_url": NO_DATABASES,
    "nats_url": [
        "",
        ",",
        "nats://",
        "http://127.0.0.1:4222",
        "nats://h:x",
        "nats://h:99999",
        "nats://h:0",
        "nats://a:4222,,",
        "two words",
        "nats://a b:4222",
        "nats://h/sti",
    ],
    "nats_seed": NO_SEEDS,
    "database_connections": ["", "0", "3", "501", "x", "1.5", "-1"],
    "nats_authority": ["x", "0", "hemmelig", "æ", STAFF_KEYS, "-----BEGIN CERTIFICATE-----", BROKEN_CERTIFICATE],
    "tls_certificate_file": ["", "x", "/", "/no/such", "/dev/null", "/dev/null/x", __file__ + "c", "x" * 300],
    "tls_key_file": ["", "x", "/", "/no/such", "/dev/null", "/dev/null/x", __file__ + "c", "x" * 300],
    "otlp_endpoint": [
        "x",
        "collector:4318",
        "grpc://collector:4317",
        "http://",
        "http://h:0",
        "http://h:99999",
        "http://u:p@h:4318",
        "http://h/?x=1",
        "http://h/#x",
        "two words",
    ],
    "public_url": [
        "",
        "example.org",
        "https//example.org",
        "https://.",
        "https://1.2.3",
        "https://exam_ple.org",
        "https://[::1",
        "https://example.org:0",
        "https://example.org:99999",
        "https://xn--a.no",
        "https://example.org#a",
        "mailto:a@example.org",
        "javascript:alert(1)",
    ],
    **{ring: [*NO_KEYS, *NO_RINGS] for ring in RINGS},
    "staff_keys": NO_STAFF_KEYS,
    "staff_signing_key": ["", "x" * 40, STAFF_KEYS, *OTHER_KEYS, OTHER_PAIR[0]],
    "trusted_proxies": ["x", "300.1.1.1", "127.0.0.1;10.0.0.1", "10.0.0.0/33", "10.0.0.1/8", "gateway", "*,10.0.0.1"],
    "clock": [
        "x",
        "|",
        "a|b|c",
        f"{REAL}|{REAL}|x",
        f"{REAL}|{REAL}|0",
        f"{REAL}|{REAL}|-5",
        f"{REAL}|{REAL}|nan",
        f"{REAL}|{REAL}|inf",
        f"2026-01-01T00:00:00|{REAL}|1",
        f"2026-13-01T00:00:00+00:00|{REAL}|1",
    ],
    "log_level": ["", "info", "TRACE", "5", " INFO", "CRITICAL"],
    "log_format": ["", "xml", "JSON", "text", "1", " json"],
    "centres_file": ["/no/such", "/", "/dev/null", "ø.yaml", "/dev/null/x", "x" * 300],
    "keys_database_url": NO_DATABASES,
    "key_encryption_key": ["", "x", "hemmelig", "bmV3", "a:b,c:d", "new:" + "QUJD" * 11, "æ" * 32, f"a:{KEK},a:{KEK}"],
    "blind_index_key": NO_KEYS,
    "cors_origins": ["x", "*", "null", "example.org", "https://", "ftp://a.no", "https://a.no/sti", "https://a..b"],
    "signups_per_address": NO_COUNTS,
    "drafts_per_address": NO_COUNTS,
    "confirmations_per_hour": NO_COUNTS,
    "unproven_mails_per_hour": NO_COUNTS,
    "second_factor_from": ["", "x", "0", "1767225600", "2026-13-01", "2026-02-30", "01.12.2026", "i morgen", "never"],
    "oidc_issuer": [
        "x",
        "http://a.no",
        "https://",
        "https://a.no/?x=1",
        "https://a.no/#x",
        "https://u@a.no",
        "ftp://a.no",
    ],
    "oidc_client_id": ["selvhjelp", "0", "x", "%s", "æøå", "a b"],
    "oidc_client_secret": ["hemmelig", "0", "x", "%s", "æøå", "a b"],
    "oidc_name": ["x", "Senterets innlogging", "æøå", "x" * 61, "<b>", "0"],
    "oidc_username_claim": ["", "x y", "0", "æ", "-a", "a;b", "a\n"],
    "oidc_second_factor": ["mfa", "mfa,hwk", "mfa hwk", ",", "0", "æ"],
    "oidc_access_claim": ["", "x y", "0", "æ", "-a", "a;b", "a\n"],
    "oidc_access": ["x", "a=b", "a=sjef@*", "a=admin", "=admin@*", "a=admin@", "a=igangsetter@*", "a=admin@Å"],
    "local_passwords": ["", "x", "ja", "2", "false", "no", "0"],
    "smtp_host": [*NO_HOSTS, "smtp://mail.example.org", "mail.example.org/"],
    "smtp_port": NO_PORTS,
    "smtp_username": ["kari", "kari@example.org", "0", "x", "selvhjelp", "å"],
    "smtp_password": ["hemmelig", "0", "x", "%s", "æøå", "a b"],
    "smtp_security": ["", "ssl", "TLS", "yes", "starttls ", "0"],
    "mail_from": [
        *["", "x", "a@", "@b.no", "a@b@c.no", "a..b@c.no", ".a@c.no", "a.@c.no", "a@[1.2.3.4]", "å@c.no"],
        *["x" * 65 + "@c.no", "a@" + "x" * 64 + ".no", "Kari <a@b.no>", "a@b.no\nBcc: c@d.no"],
    ],
    "mail_domain": ["", "a b", "a@b.no", "-a.no", "x" * 64 + ".no", "http://a.no", "a_b.no", "."],
    "mails_per_minute": NO_COUNTS,
    "mails_per_hour": NO_COUNTS,
    "lmtp_host": NO_HOSTS,
    "lmtp_port": NO_PORTS,
    "imap_host": [*NO_HOSTS[1:], "imap.example.org"],
    "imap_port": NO_PORTS,
    "imap_security": ["", "ssl", "TLS", "yes", "starttls", "0"],
    "imap_username": ["kari", "kari@example.org", "0", "x", "selvhjelp", "å"],
    "imap_password": ["hemmelig", "0", "x", "%s", "æøå", "a b"],
    "imap_folder": ["", "a\nb", "\r", "a\tb", "\x7f", "x" * 201],
    "return_path_domain": ["a b", "a@b.no", "-a.no", "x" * 64 + ".no", ".", "http://a.no"],
    "sms_url": ["x", "gateway.example", "http://a.no/", "ftp://a.no/", "https://", "https://a:hemmelig@b.no/"],
    "sms_token": ["hemmelig", "0", "x", "%s", "æøå", "a b"],
    "sms_from": ["Senteret", "+4791234567", "for langt navn", "Selvhjelp", "æøå", "a;b"],
    "dkim_selector": ["s2026", "a b", "a.b", "-a", "x" * 64, "æ"],
    "dkim_key": ["hemmelig", "x", "0", "-----BEGIN PRIVATE KEY-----", "%s", "æøå"],
    "smtp_connect_timeout_seconds": NO_SECONDS,
    "smtp_greeting_timeout_seconds": NO_SECONDS,
    "smtp_command_timeout_seconds": NO_SECONDS,
    "smtp_data_timeout_seconds": NO_SECONDS,
}
ANY_TEXT = {"environment_label"}
SERVICES = ("intake", "grouping", "notify")
SETTINGS = [
    (service, name) for service in SERVICES for name in import_module(f"{service}.settings").Settings.model_fields
]


@pytest.mark.parametrize(("service", "name"), SETTINGS)
def test_setting_that_cannot_work_stops_the_start(service: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in ANY_TEXT:
        return
    setting = f"{service}_{name}".upper()
    assert len(BAD[name]) >= 6
    for value in BAD[name]:
        line = last_words(service, {setting: value}, monkeypatch)
        assert setting in line, value
        assert len(line.splitlines()) == 1
        assert "hemmelig" not in line


@pytest.mark.parametrize(
    ("name", "good", "used"),
    [
        ("database_url", "postgresql+asyncpg://a:%40%25@db_1:6432/b", None),
        ("database_url", "postgresql+asyncpg://a@/b?host=/run/postgresql", None),
        ("nats_url", "nats://a:4222, tls://user:x@b.example:4222", "nats://a:4222,tls://user:x@b.example:4222"),
        ("nats_url", "127.0.0.1:4222", "127.0.0.1:4222"),
        ("nats_url", "nats://nats_1:4222", "nats://nats_1:4222"),
        ("public_url", "https://[::1]:8443/", "https://[::1]:8443"),
        ("public_url", "https://example.org:443", "https://example.org"),
        ("host", "::1", "::1"),
        ("host", "0.0.0.0", "0.0.0.0"),
        ("host", "localhost", "localhost"),
        ("trusted_proxies", "172.16.0.0/12 10.0.0.1", "172.16.0.0/12,10.0.0.1"),
        ("trusted_proxies", "*", "*"),
        ("trusted_proxies", "", ""),
        ("clock", "", None),
        ("clock", f"{REAL}|{REAL}|60", f"{REAL}|{REAL}|60"),
    ],
)
def test_setting_as_people_write_it_is_understood(name: str, good: str, used: str | None) -> None:
    key = SecretStr("k" * 32)
    values = {"database_url": "postgresql+asyncpg://a@h/b", "common_key": key}
    values |= {"staff_keys": STAFF_KEYS, "nats_seed": SEED}
    value = getattr(ServiceSettings.model_validate(values | {name: good}), name)
    assert value.get_secret_value() == good if isinstance(value, SecretStr) else value == used


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", ()),
        ("https://www.example.org", ("https://www.example.org",)),
        ("https://A.example/, http://b.example:8080", ("https://a.example", "http://b.example:8080")),
        ("https://blåbær.example:443", ("https://xn--blbr-roah.example",)),
        (" https://a.example  https://b.example ", ("https://a.example", "https://b.example")),
    ],
)
def test_cors_origins_are_written_as_browsers_send_them(
    given: str, used: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings(INTAKE_CORS_ORIGINS=given).items():
        monkeypatch.setenv(name, value)
    assert import_module("intake.settings").Settings().origins == used


@pytest.mark.parametrize("given", [("", ""), ("kari", "hemmelig"), ("", None), (None, "")])
def test_mail_user_and_password_are_both_or_neither(
    given: tuple[str | None, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings(NOTIFY_SMTP_USERNAME=given[0], NOTIFY_SMTP_PASSWORD=given[1]).items():
        monkeypatch.setenv(name, value)
    read = import_module("notify.settings").Settings()
    assert (read.smtp_username is None) == (read.smtp_password is None) == (given[0] != "kari")


@pytest.mark.parametrize("host", ["nosuch.invalid", "192.0.2.1", "2001:db8::1", "taken"])
def test_address_that_cannot_be_listened_on_stops_the_start(
    host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging, "configure", lambda *_, **__: None)
    key = SecretStr("k" * 32)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def read() -> ServiceSettings:
            return ServiceSettings.model_validate(
                {
                    "database_url": "postgresql+asyncpg://a@h/b",
                    "common_key": key,
                    "staff_keys": STAFF_KEYS,
                    "nats_seed": SEED,
                    "host": "127.0.0.1" if host == "taken" else host,
                    "port": server.getsockname()[1],
                }
            )

        with pytest.raises(SystemExit, match=r"^toy: TOY_HOST and TOY_PORT: cannot listen on .*\(.+\)$"):
            serve.run("toy", read, lambda _settings: FastAPI(), ())


def test_inbound_mailbox_that_cannot_listen_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        inbound = {
            "NOTIFY_RETURN_PATH_DOMAIN": "retur.example.org",
            "NOTIFY_LMTP_PORT": str(server.getsockname()[1]),
        }
        line = last_words("notify", inbound, monkeypatch)
    assert line.startswith("notify: NOTIFY_LMTP_PORT: cannot listen on 127.0.0.1, port ")


@pytest.mark.parametrize("service", SERVICES)
def test_certificate_needs_the_key_that_belongs_to_it(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = issue(AUTHORITY), issue(AUTHORITY)
    certificate, key = tmp_path / "certificate", tmp_path / "key"
    certificate.write_text(own.certificate)
    key.write_text(other.key)
    both = {f"{service}_TLS_CERTIFICATE_FILE".upper(): str(certificate), f"{service}_TLS_KEY_FILE".upper(): str(key)}
    for given in (both, *({name: value} for name, value in both.items())):
        line = last_words(service, given, monkeypatch)
        assert f"{service.upper()}_TLS_CERTIFICATE_FILE: " in line
        assert len(line.splitlines()) == 1
