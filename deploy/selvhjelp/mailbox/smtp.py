"""The SMTP server: receives every mail and forwards none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from selvhjelp.mailbox.faults import Faults, Reply
from selvhjelp.mailbox.store import Store

OK = "250 2.0.0 kept"


class Handler:
    """The hooks that aiosmtpd calls at each step of a session; their names and signatures are its own."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._refusal("mail"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._refusal("rcpt", address):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        fault = self._faults.use_at("end")
        if isinstance(fault, Reply):
            return f"{fault.code} {fault.text}"
        if fault and fault.kind == "drop_before":
            return _disconnect(server)
        content = envelope.content
        self._store.add(list(envelope.rcpt_tos), content if isinstance(content, bytes) else (content or "").encode())
        if fault and fault.kind == "drop_after":
            return _disconnect(server)
        if fault:
            await asyncio.Event().wait()  # cancelled when the sender gives up
        return OK

    def _refusal(self, stage: str, recipient: str = "") -> str | None:
        fault = self._faults.use_at(stage, recipient)
        return f"{fault.code} {fault.text}" if isinstance(fault, Reply) else None


class SmtpProtocol(SMTP):
    """aiosmtpd's protocol, with faults at DATA, for which it has no hook."""

    def __init__(self, handler: Handler, faults: Faults) -> None:
        super().__init__(handler, hostname="postkasse", ident="selvhjelp", enable_SMTPUTF8=True, data_size_limit=2**25)
        self._faults = faults

    async def smtp_DATA(self, arg: str) -> None:
        """Refuse before the text is sent if that is the next fault."""
        fault = self._faults.use_at("data")
        if isinstance(fault, Reply):
            await self.push(f"{fault.code} {fault.text}")
            return
        await super().smtp_DATA(arg)


def _disconnect(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    return OK


@asynccontextmanager
async def mail_server(folder: Path) -> AsyncIterator[tuple[int, Store, Faults]]:
    """Serve SMTP in this process, on a free port, with the mails in a folder; yield the port, the mails, the faults."""
    store, faults = Store(folder), Faults()
    handler = Handler(store, faults)
    server = await asyncio.get_running_loop().create_server(lambda: SmtpProtocol(handler, faults), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], store, faults
