"""Serve a service's app until a signal stops it; requests under way are finished first."""

import asyncio
import gc
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import TypeVar

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from shared.errors import SettingError
from shared.kit import logging
from shared.kit.pulse import end_when_frozen
from shared.kit.settings import ServiceSettings, setting_faults
from shared.kit.sockets import cannot_listen, inherited_sockets

STOP_SECONDS = 10
KEEP_ALIVE_SECONDS = 30
GC_THRESHOLD = 20_000  # allocations; the default of 700 looks for cycles many times in each request
S = TypeVar("S", bound=ServiceSettings)


def run(name: str, settings_class: Callable[[], S], build: Callable[[S], FastAPI], log_fields: Collection[str]) -> None:
    """
    Run a service: its ``__main__`` calls this.

    Settings that are missing or cannot work end the process with one line that names them and holds no value.

    Args:
        name: ``intake``, ``grouping`` or ``notify``.
        settings_class: Reads the settings from the environment.
        build: Returns the service's app.
        log_fields: The service's own fields that may stand in its log.
    """
    try:
        settings = settings_class()
        check_own_certificate(settings)
        logging.configure(name, settings.log_format, log_fields, level=settings.log_level)
        app = build(settings)
        end_traces = _begin_traces(name, settings)
    except ValidationError as error:
        sys.exit(f"{name}: settings are missing or wrong: {'; '.join(setting_faults(name, error))}")
    except SettingError as error:
        sys.exit(f"{name}: {_sentence(name, error)}")
    sockets = inherited_sockets()
    if not sockets and (fault := cannot_listen(settings.host, settings.port)):
        sys.exit(f"{name}: {name.upper()}_HOST and {name.upper()}_PORT: {fault}")
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(app, settings, sockets))
    finally:
        end_traces()


def _begin_traces(name: str, settings: ServiceSettings) -> Callable[[], None]:
    """Begin to send traces where a collector is set; return what sends the last of them."""
    if not settings.otlp_endpoint:
        return lambda: None
    try:
        from shared.kit import otlp  # noqa: PLC0415 - an extra, and a quarter of a second
    except ImportError:
        raise SettingError("needs the extra `tracing` of the package shared", setting="otlp_endpoint") from None
    return otlp.start(name, otlp.exporter(settings.otlp_endpoint)).shutdown


def _sentence(name: str, error: SettingError) -> str:
    faults = "; ".join(str(error).splitlines())
    return f"{name}_{error.setting}".upper() + f": {faults}" if error.setting else faults


def check_own_certificate(settings: ServiceSettings) -> None:
    """
    Check the certificate with which the service serves HTTPS; none is right too.

    Raises:
        SettingError: It or its key is missing, cannot be read, or does not fit the other.
    """
    setting, files = "tls_certificate_file", (settings.tls_certificate_file, settings.tls_key_file)
    if not any(files):
        return
    if not all(files):
        raise SettingError("needs both a certificate and its key", setting=setting)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*map(str, files))
    except ssl.SSLError:
        raise SettingError("is no certificate in PEM with the key that belongs to it", setting=setting) from None
    except OSError as error:
        raise SettingError(f"cannot be read ({error.strerror})", setting=setting) from None


async def serve(app: FastAPI, settings: ServiceSettings, sockets: list[socket.socket]) -> None:
    """
    Serve until SIGTERM or SIGINT, on the sockets that the parent process handed over or else on the own port.

    A process whose event loop stands still is ended. SIGHUP reads anew the keys whose files have changed.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        lifespan="on",
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
    )
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, settings.refresh_keys)
    watchdog = asyncio.create_task(end_when_frozen())
    try:
        await Server(config).serve(sockets=sockets or None)
    finally:
        watchdog.cancel()


class Server(uvicorn.Server):
    """
    A server that waits for the signal to end.

    Uvicorn's own wakes ten times a second to look for it, and for the time in its headers.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        config.date_header = False  # an answer states its own time, so that no timer is needed
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._woken.set)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._woken.wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop  # noqa: PLC0415 - only where it is run

    return uvloop.new_event_loop
