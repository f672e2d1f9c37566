"""The words of the table of access: who opens a route, which object it looks up, and what it may show."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from types import MappingProxyType
from typing import Final

from shared.reference.roles import Role


class Shows(Flag):
    """
    The classes of fields on a page.

    Attributes:
        FIGURES: Numbers of people.
        FIRST_NAME: First names of participants and igangsettere.
        WISHES: What a person has said about place, times, languages and others.
        CONTACT: Addresses and numbers.
    """

    FIGURES = auto()
    FIRST_NAME = auto()
    WISHES = auto()
    CONTACT = auto()


NOTHING: Final = Shows(0)
FIGURES, FIRST_NAME, WISHES, CONTACT = Shows
EVERYTHING: Final = FIRST_NAME | WISHES | CONTACT


class Visitor(StrEnum):
    """
    A reader without a role.

    Attributes:
        EVERYBODY: Anyone.
        LINK: The holder of a signed link, about whose own things the page is.
        FORM: The holder of a form that is not sent yet, by the random name or the sealed content in its address.
        OWN_PAGE: A person with a session of their own page.
        INSIDE: The gateway and the monitoring of the machine; the gateway answers 404 to everybody else.
    """

    EVERYBODY = "everybody"
    LINK = "link"
    FORM = "form"
    OWN_PAGE = "own page"
    INSIDE = "inside"


Reader = Role | Visitor

STAFF: Final = (Role.KOORDINATOR, Role.ADMIN, Role.LESER, Role.IGANGSETTER)
"""Everybody who can have a session of staff."""


@dataclass(frozen=True)
class Line:
    """
    One line of the table.

    Attributes:
        service, method, path: The route, by its template.
        readers: Who may open it, each with what it may show them.
        object: The check that looks up the object in the path; empty for none. See :data:`OBJECTS`.
    """

    service: str
    method: str
    path: str
    readers: Mapping[Reader, Shows]
    object: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may open it; none for a page without a session of staff or igangsettere."""
        return frozenset(reader for reader in self.readers if isinstance(reader, Role))


OBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "draft_key": "the unfinished form with this random name",
        "own_account": "an igangsetter's account at one of the member's centres",
        "own_area": "an area of one of the member's centres",
        "own_centre": "one of the member's centres",
        "own_deadline": "a lending deadline of one of the member's centres",
        "own_group": "a group of one of the member's centres",
        "own_group_people": "the people of a group who signed up with one of the member's centres, until its handover",
        "own_igangsetter": "an igangsetter of one of the member's centres",
        "own_kontaktmote": "a meeting of one of the member's centres",
        "own_mail": "a mail of one of the member's centres",
        "own_message": "a message of one of the member's centres",
        "own_person": "a person with a sign-up at one of the member's centres",
        "own_room": "a room of one of the member's centres",
        "own_seat": "a seat in a group of one of the member's centres",
        "own_staff": "a user with one of the member's centres",
        "own_starter_question": "a question to an igangsetter about a group of one of the member's centres",
        "own_talk": "a sign-up at one of the member's centres",
        "own_time": "a time for talks of one of the member's centres",
        "public_centre": "a centre that shows its meetings to everybody",
        "question_to_me": "a question to the igangsetter who is signed in",
        "started_by_me": "a group that the signed-in igangsetter starts",
        "token": "what the signed link is about",
    }
)
"""Each check of an object, and what it lets through; anything else is answered 404."""
