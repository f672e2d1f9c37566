"""The apps of the three services, built without a database or a broker."""

import base64
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI
from pydantic import SecretStr

import grouping.app
import grouping.settings
import intake.app
import intake.settings
import notify.app
import notify.settings
from devtools.testing.identities import SEEDS
from shared.kit.keys import Ring
from shared.kit.web.form_keys import FormKeys
from shared.reference.key_rings import FORMS, RINGS
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS

# Nothing is opened before the lifespan runs.
_DATABASE: Final = SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
KEY: Final = SecretStr("k" * 32)
FORM_KEYS: Final = FormKeys(Ring("any", KEY.get_secret_value()).keys(FORMS))
_SHARED: Final = {
    "database_url": _DATABASE,
    "nats_url": "nats://127.0.0.1:1",
    "public_url": "http://testserver",
    **dict.fromkeys(RINGS, KEY),
    "nats_seed": SEEDS["toy"],
    "staff_keys": STAFF_KEYS,
}


def _grouping() -> FastAPI:
    return grouping.app.build(grouping.settings.Settings.model_validate(_SHARED))


def _intake() -> FastAPI:
    intake_only = {
        "keys_database_url": _DATABASE,
        "key_encryption_key": base64.b64encode(bytes(32)).decode(),
        "blind_index_key": KEY,
        "staff_signing_key": SIGNING_KEY,
    }
    return intake.app.build(intake.settings.Settings.model_validate(_SHARED | intake_only))


def _notify() -> FastAPI:
    notify_only = {"smtp_host": "127.0.0.1", "mail_from": "hei@post.example", "mail_domain": "post.example"}
    return notify.app.build(notify.settings.Settings.model_validate(_SHARED | notify_only))


APPS: Final[dict[str, Callable[[], FastAPI]]] = {"grouping": _grouping, "intake": _intake, "notify": _notify}
