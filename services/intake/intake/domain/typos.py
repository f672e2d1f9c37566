"""Likely typing errors in the domain of an e-mail address. A suggestion is a question and never stops anybody."""

from typing import Final

KNOWN_DOMAINS: Final = (
    "gmail.com",
    "hotmail.com",
    "hotmail.no",
    "outlook.com",
    "outlook.no",
    "live.no",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "yahoo.com",
    "yahoo.no",
    "online.no",
    "proton.me",
    "protonmail.com",
    "getmail.no",
    "broadpark.no",
    "lyse.net",
    "altibox.no",
    "student.uib.no",
    "student.uio.no",
    "stud.ntnu.no",
)
"""Domains that people in Norway have addresses at, the most common first."""

_REAL_NEIGHBOURS: Final = frozenset(
    {
        "gmail.no",
        "gmx.com",
        "gmx.net",
        "gmx.de",
        "mail.com",
        "mail.no",
        "ymail.com",
        "email.com",
        "hotmail.se",
        "hotmail.dk",
        "hotmail.de",
        "hotmail.fr",
        "hotmail.it",
        "hotmail.es",
        "hotmail.fi",
        "live.se",
        "live.dk",
        "live.nl",
        "live.fr",
        "live.de",
        "outlook.dk",
        "outlook.de",
        "outlook.se",
        "outlook.fr",
        "yahoo.se",
        "yahoo.dk",
        "yahoo.de",
        "yahoo.fr",
        "yahoo.es",
        "yahoo.it",
        "yahoo.ca",
        "googlemail.com",
        "outlook.es",
        "outlook.it",
        "outlook.pt",
        "outlook.ie",
        "proton.ch",
        "protonmail.ch",
        "pm.me",
        "rocketmail.com",
    }
)
"""Real domains a slip away from a known one: those who live there are never asked."""

_WRONG_ENDINGS: Final = {
    "con": "com",
    "cmo": "com",
    "ocm": "com",
    "vom": "com",
    "xom": "com",
    "comm": "com",
    "coom": "com",
    "cpm": "com",
    "clm": "com",
    "cim": "com",
    "om": "com",
    "nno": "no",
    "noo": "no",
    "ni": "no",
    "np": "no",
    "on": "no",
}
"""Endings that are slips; those that are also a country are only slips after a domain that we know."""

_COUNTRY_ENDINGS: Final = frozenset({"om", "ni", "np"})

SHORT_NAME: Final = 5  # letters

_ENDINGS: Final = ("com", "no", "net", "org")

_WEBMAIL: Final = frozenset({"gmail", "hotmail", "icloud"})
"""Providers that have no address under another general ending."""


def suggestion(email: str) -> str | None:
    """Return the address that was probably meant, None if this one looks right."""
    local, at, domain = email.strip().rpartition("@")
    if not at or not local or not domain:
        return None
    typed = domain.casefold()
    better = _better(typed.strip("."))
    return f"{local}@{better}" if better and better != typed else None


def _better(domain: str) -> str | None:
    if domain in KNOWN_DOMAINS or domain in _REAL_NEIGHBOURS:
        return None
    domain = domain.replace(",", ".").replace("..", ".").replace(" ", "")
    if domain in KNOWN_DOMAINS:
        return domain
    if meant := _with_a_part_too_many(domain) or _cut_short(domain):
        return meant
    name, _, ending = domain.rpartition(".")
    if name and ending in _WRONG_ENDINGS:
        mended = f"{name}.{_WRONG_ENDINGS[ending]}"
        near = _nearest(mended)
        return near or (mended if ending not in _COUNTRY_ENDINGS else None)
    if not name:
        return _with_dot(domain)
    return _nearest(domain)


def _with_a_part_too_many(domain: str) -> str | None:
    """Return the known domain in "www.gmail.com", "gmail.com.no" and "hotmail.com.com"."""
    bare = domain.removeprefix("www.")
    return next((known for known in KNOWN_DOMAINS if bare in {known, *(f"{known}.{end}" for end in _ENDINGS)}), None)


def _cut_short(domain: str) -> str | None:
    """Return the known domain whose last letters are missing: "gmail.c", "lyse.ne"; or "gmail.net" of "gmail.com"."""
    name, _, ending = domain.rpartition(".")
    if not name:
        return None
    for known in KNOWN_DOMAINS:
        if known.startswith(domain) or (name in _WEBMAIL and ending in _ENDINGS and known == f"{name}.com"):
            return known
    return None


def _with_dot(domain: str) -> str | None:
    """Return the domain with the dot that is missing: "gmailcom" and "gmail" are gmail.com."""
    bare = next(
        (known for known in KNOWN_DOMAINS if domain in {known.replace(".", ""), known.rpartition(".")[0]}), None
    )
    if bare:
        return bare
    ending = next((each for each in _ENDINGS if domain.endswith(each) and len(domain) > len(each) + 2), None)
    if ending is None:
        return None
    dotted = f"{domain.removesuffix(ending)}.{ending}"
    return _nearest(dotted) or dotted


def _nearest(domain: str) -> str | None:
    """Return the known domain that is one slip away, two in a long one; None if there is none."""
    if domain in KNOWN_DOMAINS:
        return domain
    for known in KNOWN_DOMAINS:
        if len(known.rpartition(".")[0]) < SHORT_NAME:
            continue  # a slip away from a short name are too many real ones
        allowed = 2 if len(known) >= 9 else 1
        if known[0] == domain[0] or sorted(known) == sorted(domain) or known[1:] == domain:
            slips = _slips(domain, known, allowed)
            if slips <= allowed:
                return known
    return None


def _slips(typed: str, meant: str, limit: int) -> int:
    """Return the number of letters that were missed, added, changed or swapped (optimal string alignment)."""
    if abs(len(typed) - len(meant)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        above, before, row = before, row, [i]
        for j, other in enumerate(meant, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
