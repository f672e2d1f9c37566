"""Starts a service in this process, with settings that should stop it before it serves."""

import os
from collections.abc import Mapping
from importlib import import_module

import pytest

from shared.kit import logging, serve
from tests.deploy.support.settings import SERVICES, settings


class Started(Exception):  # noqa: N818 - no error
    """The service has begun to serve."""


def last_words(service: str, changes: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> str:
    """Start a service as its process does, up to the moment at which it serves; return what it ends with."""

    async def served(*_: object) -> None:
        raise Started

    for name in [name for name in os.environ if name.startswith(tuple(f"{each}_" for each in SERVICES))]:
        monkeypatch.delenv(name)
    for name, value in settings(**changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(serve, "serve", served)
    monkeypatch.setattr(serve, "cannot_listen", lambda _host, _port: None)
    monkeypatch.setattr(logging, "configure", lambda *_, **__: None)
    app = import_module(f"{service}.app")
    with pytest.raises(SystemExit) as stopped:
        serve.run(service, import_module(f"{service}.settings").Settings, app.build, ())
    return str(stopped.value)
