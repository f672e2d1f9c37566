"""
What a refusal of the mail server is about: the recipient's mailbox, this message, the sender, or a mail system.

Only a refusal of the mailbox counts against it. What is about the sender or a mail system is no fault of the person:
the mail waits. Read from the enhanced status code (RFC 3463, registry of RFC 5248), else from the words that mail
servers use, else from the command that was refused and its reply code (RFC 5321, 4.2).
"""

import re
from enum import StrEnum
from typing import Final, Literal

Stage = Literal["mail", "rcpt", "data"]
"""The command that was refused; ``data`` also for the reply to the whole mail."""


class About(StrEnum):
    """
    The subject of a refusal.

    Attributes:
        MAILBOX: The address does not exist, or takes no mail.
        MESSAGE: This message, as for its size or content.
        SENDER: The sender: rights, limits, or policy.
        SYSTEM: A mail system on the way.
    """

    MAILBOX = "mailbox"
    MESSAGE = "message"
    SENDER = "sender"
    SYSTEM = "system"


_ENHANCED: Final = re.compile(r"\s*[#(\[]?([245])\.(\d{1,3})\.(\d{1,3})(?:[:;,)\]-]|(?!\S))")
_GENERAL: Final = re.compile(r"\d\.(?:\d{1,3}\.0|0\.\d{1,3})")
"""Enhanced codes that say where, but not what."""

_BY_SUBJECT: Final = {
    "1": About.MAILBOX,
    "2": About.MAILBOX,
    "3": About.SYSTEM,
    "4": About.SYSTEM,
    "5": About.SENDER,
    "6": About.MESSAGE,
    "7": About.SENDER,
}
"""The second number of an enhanced code: addressing, mailbox, system, network, protocol, content, policy."""

_BY_DETAIL: Final = {
    "1.7": About.SENDER,  # bad sender's mailbox address syntax
    "1.8": About.SENDER,  # bad sender's system address
    "1.9": About.MESSAGE,
    "2.3": About.MESSAGE,  # message too long for the mailbox
    "3.4": About.MESSAGE,  # message too big for the system
    "4.4": About.MAILBOX,  # the recipient's domain has no mail server
    "4.1": About.MAILBOX,  # no answer from host: how a large provider refuses unknown recipients
    "4.310": About.MAILBOX,  # the recipient's domain does not exist
    "4.5": About.SENDER,  # limit of the sender exceeded
    "6.7": About.MAILBOX,  # address outside ASCII not permitted
    "7.17": About.MAILBOX,  # the mailbox has another owner (RFC 7293)
    "7.18": About.MAILBOX,  # the domain has another owner (RFC 7293)
    "7.27": About.SENDER,  # the sender's domain takes no mail (RFC 7505)
}

_MAILBOX_CODES: Final = frozenset({501, 510, 511, 512, 521, 550, 551, 552, 553, 556})
"""Reply codes to RCPT that are about the recipient when no enhanced code says otherwise."""


_NO_SUCH_MAILBOX: Final = re.compile(
    r"""
    (user|mailbox|recipient|account|address(ee)?|inbox|alias|member|contact|e-?mail)\b[^.;]{0,60}?
        \b(unknown|not\ found|not\ exist|no\ longer|disabled|deactivated|inactive|unavailable|invalid|suspended|
        over\ quota|(is|storage)\ full|full\b|expired|closed|does\ ?n[o']t\ exist|not\ (a\ )?valid|not\ known|
        not\ active|not\ local|not\ listed|undeliverable)
    | \b(no\ such|unknown|invalid|nonexistent|non-existent|unrouteable|bad\ destination)\ +(local\ +)?
        (user|mailbox|recipient|account|address|person|e-?mail)
    | \bno\ mailbox\ (here|by\ that\ name) | \bmailbox\ full | \bdoes\ ?n[o']t\ have\ an?\ [^\s;]+\ account
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words of servers for a mailbox that does not exist or takes no mail."""

_SENDER_WORDS: Final = re.compile(
    r"""
    \b(black|block|deny|reputation|reject)[-_ ]?list(s|ed|ing)?\b | \bblocked\b | \bbanned\b | \bDNS[BW]L\b | \bR?BL\b
    | \bspam(haus|cop|ming|mer)?\b | \bunsolicited\b | \bjunk\b | \bbulk\b | \breputation\b
    | \brelay(ing)?\b | \b(access|permission|authori[sz]ation)\ denied\b | \bpolic(y|ies)\b
    | \bSPF\b | \bDKIM\b | \bDMARC\b | \bPTR\b | \breverse\ +(DNS|lookup|hostname) | \brDNS\b
    | \bsend(er|ing)\b[^.;]{0,40}\b(denied|rejected|refused|not\ allowed|limit|verif\w+|unauthori[sz]ed)
    | \b(your|client|sending|connecting)\ +(host|ip|server|network|domain)\b | \bIP\ address\b
    | \bauthenticat(e|ed|ion)\b | \b(rate|sending|message|hourly|daily)[- ]limit | \btoo\ many\b | \bnot\ welcome\b
    | \bbarracuda | \bhelo\b | \blimit\ exceeded | \byour\ access\b | \bsender\b | \bsending\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words of servers that refuse us, or mail from us, whoever it is for."""

_MAILBOX_WORDS: Final = re.compile(
    r"mailbox|quota|recipient (?:address )?rejected|bad (?:e-?mail )?address|no mail(?:box)? here", re.IGNORECASE
)
"""Words that are about the recipient unless others say why."""


def enhanced_code(text: str) -> str | None:
    """Return the enhanced status code at the start of a reply, as ``5.1.1``; None if it has none."""
    match = _ENHANCED.match(text)
    return ".".join(str(int(number)) for number in match.groups()) if match else None


def subject_of(stage: Stage, code: int, enhanced: str | None, text: str = "") -> About:
    """
    Return what a permanent refusal is about.

    Words count only where the enhanced code is missing or general: "550 5.5.0 mailbox unavailable" of a large provider
    is about the mailbox, "550 Blocked by a list" about the sender.

    Args:
        stage: The command that was refused.
        code: The reply code, 500 to 599.
        enhanced: The enhanced status code, if the reply has one.
        text: The words of the reply.
    """
    if (about := _by_words(stage, enhanced, text)) is not None:
        return about
    if enhanced is not None and not enhanced.startswith("2."):
        class_, subject, detail = enhanced.split(".")
        if class_ == "4":
            return About.SYSTEM
        about = _BY_DETAIL.get(f"{subject}.{detail}", _BY_SUBJECT.get(subject))
        if about is not None and not (stage == "mail" and about is About.MAILBOX):
            return about
    if stage == "mail":
        return About.MESSAGE if code == 552 else About.SENDER
    if stage == "rcpt":
        return About.MAILBOX if code in _MAILBOX_CODES else About.SENDER
    return About.MESSAGE


def _by_words(stage: Stage, enhanced: str | None, text: str) -> About | None:
    """Return what the words say of a reply whose enhanced code says nothing; None if they say nothing either."""
    if enhanced is not None and not (enhanced.startswith("5.") and _GENERAL.fullmatch(enhanced)):
        return None
    no_such_mailbox = _NO_SUCH_MAILBOX.search(text) is not None
    if _SENDER_WORDS.search(text) and not no_such_mailbox:
        return About.SENDER
    return About.MAILBOX if stage != "mail" and (no_such_mailbox or _MAILBOX_WORDS.search(text)) else None
