"""Claims of an identity provider, and the access that follows from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from intake.domain.staff import Access
from shared.reference.roles import Role

SUBJECT_MAX: Final = 255  # characters; OpenID Connect Core 1.0, 2
_ENTRY: Final = re.compile(
    r"\s*(?P<group>[^=;]+?)\s*=\s*(?P<roles>[a-z+]+)@(?P<centres>\*|[a-z0-9-]+(?:\+[a-z0-9-]+)*)\s*"
)


class ClaimsFault(Exception):  # noqa: N818 - what is wrong with what a provider says
    """The claims tell no identity."""


@dataclass(frozen=True)
class Identity:
    """
    A person, proven by a provider.

    Attributes:
        issuer, subject: Who it is, for ever; the only key to an account once it is bound.
        username: What binds an account the first time.
        second_factor: True if the provider has asked for a second factor.
        groups: Names of groups or roles at the provider.
    """

    issuer: str
    subject: str
    username: str = field(repr=False)
    second_factor: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class IdentityRules:
    """
    How claims are read.

    Attributes:
        username_claim: The claim that names the account the first time; ``email`` counts only if it is verified.
        second_factor: Values of ``amr`` or ``acr`` that stand for a second factor.
        access_claim: The claim with groups or roles.
        access: Groups with what they open, the first that fits decides; empty if admins give access.
    """

    username_claim: str = "preferred_username"
    second_factor: frozenset[str] = frozenset()
    access_claim: str = "groups"
    access: tuple[tuple[str, Access], ...] = ()


def parse_access(text: str) -> tuple[tuple[str, Access], ...]:
    """
    Return groups with their access: ``group=koordinator+admin@link-bergen+link-oslo; other=leser@*``.

    Raises:
        ValueError: It has another form, or a role that staff cannot have.
    """
    entries: list[tuple[str, Access]] = []
    for part in filter(str.strip, text.split(";")):
        entry = _ENTRY.fullmatch(part)
        roles = entry["roles"].split("+") if entry else []
        if entry is None or not {Role.KOORDINATOR, Role.ADMIN, Role.LESER}.issuperset(roles):
            raise ValueError(part)
        every = entry["centres"] == "*"
        entries.append((entry["group"], Access.of(roles, entry["centres"].split("+"), all_centres=every)))
    return tuple(entries)


def identity_of(claims: Mapping[str, Any], rules: IdentityRules) -> Identity:
    """
    Return whom the claims of a verified ID token name.

    Raises:
        ClaimsFault: No subject.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX or not subject.isprintable():
        raise ClaimsFault
    name = claims.get(rules.username_claim)
    if rules.username_claim == "email" and claims.get("email_verified") is not True:
        name = None  # whoever typed it
    amr, acr = claims.get("amr"), claims.get("acr")
    means = {each for each in (amr if isinstance(amr, list) else [amr]) if isinstance(each, str)} | {acr}
    groups = claims.get(rules.access_claim)
    listed = groups if isinstance(groups, list) else [groups]
    return Identity(
        str(claims["iss"]),
        subject,
        name if isinstance(name, str) else "",
        not rules.second_factor.isdisjoint(means),
        frozenset(group for group in listed if isinstance(group, str)),
    )


def access_of(identity: Identity, rules: IdentityRules) -> Access | None:
    """Return the access of the first group that somebody is in; None if there is none."""
    return next((access for group, access in rules.access if group in identity.groups), None)
