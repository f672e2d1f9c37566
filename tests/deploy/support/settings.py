"""Environments of installations that are checked, but never started."""

from devtools.testing.identities import AUTHORITY, SEEDS
from shared.reference.key_rings import RINGS
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS

SERVICES = ("INTAKE", "GROUPING", "NOTIFY")
KEK = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


def settings(**changes: str | None) -> dict[str, str]:
    """Return a complete environment for production with these changes; None removes a setting."""
    env: dict[str, str | None] = {}
    for service in SERVICES:
        env |= {
            f"{service}_DATABASE_URL": f"postgresql+asyncpg://{service.lower()}:x@127.0.0.1:1/{service.lower()}",
            f"{service}_NATS_URL": "nats://127.0.0.1:1",
            f"{service}_NATS_SEED": SEEDS[service.lower()].get_secret_value(),
            f"{service}_NATS_AUTHORITY": AUTHORITY.certificate,
            f"{service}_PUBLIC_URL": "https://grupper.example.org",
            f"{service}_STAFF_KEYS": STAFF_KEYS,
        }
    for ring, holders in RINGS.items():
        env |= {f"{service}_{ring}".upper(): f"{ring}-of-thirty-two-signs-or-so" for service in holders}
    env |= {
        "OPERATOR_NATS_SEED": SEEDS["operator"].get_secret_value(),
        "OPERATOR_NATS_AUTHORITY": AUTHORITY.certificate,
        "INTAKE_KEYS_DATABASE_URL": "postgresql+asyncpg://intake_keys:x@127.0.0.1:1/intake_keys",
        "INTAKE_KEY_ENCRYPTION_KEY": KEK,
        "INTAKE_STAFF_SIGNING_KEY": SIGNING_KEY.get_secret_value(),
        "INTAKE_BLIND_INDEX_KEY": "blind-index-key-of-thirty-two-signs",
        "NOTIFY_SMTP_HOST": "mail.example.org",
        "NOTIFY_MAIL_FROM": "post@example.org",
        "NOTIFY_MAIL_DOMAIN": "example.org",
    }
    return {name: value for name, value in (env | changes).items() if value is not None}


def same_for_all(name: str, value: str) -> dict[str, str]:
    """Return one setting with the same value in all three services."""
    return {f"{service}_{name}": value for service in SERVICES}
