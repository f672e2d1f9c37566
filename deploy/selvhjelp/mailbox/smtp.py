"""SMTP in: every mail is taken, none is passed on."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from selvhjelp.mailbox.faults import Faults, Reply
from selvhjelp.mailbox.store import Store

OK = "250 2.0.0 kept"


class Handler:
    """What aiosmtpd calls at each step of a conversation."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if refusal := self._refusal("mail"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if refusal := self._refusal("rcpt"):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        fault = self._faults.take("end")
        if isinstance(fault, Reply):
            return f"{fault.code} {fault.text}"
        if fault and fault.kind == "drop_before":
            return _hang_up(server)
        content = envelope.content
        self._store.add(list(envelope.rcpt_tos), content if isinstance(content, bytes) else (content or "").encode())
        if fault and fault.kind == "drop_after":
            return _hang_up(server)
        if fault:
            await asyncio.Event().wait()  # cancelled when the sender has had enough
        return OK

    def _refusal(self, stage: str) -> str | None:
        fault = self._faults.take(stage)
        return f"{fault.code} {fault.text}" if isinstance(fault, Reply) else None


class Conversation(SMTP):
    """aiosmtpd's protocol, with the one step added at which a fault may be wanted and there is no hook."""

    def __init__(self, handler: Handler, faults: Faults) -> None:
        super().__init__(handler, hostname="postkasse", ident="selvhjelp", enable_SMTPUTF8=True, data_size_limit=2**25)
        self._faults = faults

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Refuse before the text is sent, if that is the next fault."""
        fault = self._faults.take("data")
        if isinstance(fault, Reply):
            await self.push(f"{fault.code} {fault.text}")
            return
        await super().smtp_DATA(arg)


def _hang_up(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    return OK
