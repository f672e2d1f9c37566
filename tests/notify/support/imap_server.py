"""An IMAP server with one account and one folder: the few commands that reading a mailbox takes (RFC 3501, 4315)."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

USERNAME, PASSWORD = "retur@example.org", "hemmelig"


@dataclass
class ImapServer:
    """
    The server's state.

    Attributes:
        mails: By UID, each with its flags.
        uidplus: False for a server without UID EXPUNGE.
        held: Waits with its answer to this command, or with its greeting if it is "greeting", until ``go_on`` is set.
        reached: Set once it waits.
        connections: The number that is open.
    """

    port: int = 0
    mails: dict[int, tuple[bytes, set[str]]] = field(default_factory=dict)
    uidplus: bool = True
    held: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _last_uid: int = 0

    def add(self, content: bytes) -> int:
        self._last_uid += 1
        self.mails[self._last_uid] = (content, set())
        return self._last_uid

    @property
    def left(self) -> dict[int, set[str]]:
        """The flags of the mails that are still there."""
        return {uid: flags for uid, (_, flags) in self.mails.items()}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._hold("greeting")
            writer.write(b"* OK ready\r\n")
            await self._answer_commands(reader, writer)
        finally:
            writer.close()
            self.connections -= 1

    async def _answer_commands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            await self._hold(command.removeprefix("UID ").partition(" ")[0])
            lines, result = self._answer(command)
            writer.write(b"".join(b"* " + one + b"\r\n" for one in lines) + f"{tag} {result}\r\n".encode())
            if command.startswith("LOGOUT"):
                break

    async def _hold(self, command: str) -> None:
        if command == self.held:
            self.reached.set()
            await self.go_on.wait()

    def _answer(self, command: str) -> tuple[list[bytes], str]:  # noqa: PLR0911 - one for each command
        match command.removeprefix("UID ").split(" ", 2):
            case ["CAPABILITY"]:
                return [b"CAPABILITY IMAP4rev1" + b" UIDPLUS" * self.uidplus], "OK done"
            case ["LOGIN", _, password]:
                return [], "OK done" if password.strip('"') == PASSWORD else "NO no"
            case ["SELECT", *_]:
                return [b"%d EXISTS" % len(self.mails)], "OK [READ-WRITE] done"
            case ["SEARCH", *_]:
                unread = [uid for uid, flags in self.left.items() if not flags & {"\\Seen", "\\Deleted"}]
                return [b" ".join([b"SEARCH", *(b"%d" % uid for uid in unread)])], "OK done"
            case ["FETCH", uid, item]:
                content = self.mails[int(uid)][0]
                value = b"RFC822.SIZE %d" % len(content)
                if "BODY.PEEK[]" in item:
                    value = b"BODY[] {%d}\r\n%s" % (len(content), content)
                return [b"%s FETCH (UID %s %s)" % (uid.encode(), uid.encode(), value)], "OK done"
            case ["STORE", uids, flags]:
                for uid in uids.split(","):
                    self.mails[int(uid)][1].update(re.findall(r"\\\w+", flags))
                return [], "OK done"
            case ["EXPUNGE", *_]:
                self.mails = {uid: mail for uid, mail in self.mails.items() if "\\Deleted" not in mail[1]}
                return [], "OK done"
            case ["LOGOUT"]:
                return [b"BYE"], "OK done"
        return [], "BAD what"


@asynccontextmanager
async def imap_server() -> AsyncIterator[ImapServer]:
    state = ImapServer()
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
