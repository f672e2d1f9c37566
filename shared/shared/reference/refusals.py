"""What a refusal of a mail means for the people of a centre, by the reply code of the mail server (RFC 5321)."""

from typing import Final, Literal

Refusal = Literal["address_unknown", "mailbox_full", "sign_in_refused", "not_accepted", "busy"]
"""Why a mail server did not take a mail; each service has its own sentence for each, without codes."""

_BY_CODE: Final[dict[int, Refusal]] = {
    452: "mailbox_full",
    530: "sign_in_refused",
    534: "sign_in_refused",
    535: "sign_in_refused",
    550: "address_unknown",
    551: "address_unknown",
    552: "mailbox_full",
    553: "address_unknown",
}


def refusal_of(code: int) -> Refusal:
    """Return the meaning of a reply code: 400 to 499 are temporary, higher ones are final."""
    return _BY_CODE.get(code, "busy" if code < 500 else "not_accepted")
