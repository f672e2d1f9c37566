"""The registry of mails: one folder each, found at start."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache, cached_property
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

from notify.domain.content import MailContent
from notify.domain.mail_spec import MailSpec

PACKAGE_FOLDER: Final = Path(__file__).parent
TEMPLATES: Final = ("subject.txt.j2", "body.txt.j2", "body.mjml.j2")
CALL_TEMPLATE: Final = "call.txt.j2"

_CONTENT_FIELDS: Final = frozenset(field.name for field in fields(MailContent))


class MailFolderError(Exception):
    """A folder under ``mails`` is incomplete or contradicts another; the service does not start."""


class MailRegistry:
    """
    All mails, in the order in which mails that become due together leave.

    Args:
        roots: Folders that hold one folder per mail; also searched for the templates that mails share.

    Raises:
        MailFolderError: A folder is incomplete, or two do not fit together.
    """

    def __init__(self, roots: Iterable[Path] = (PACKAGE_FOLDER,)) -> None:
        self.roots: Final = tuple(roots)
        specs = [_load(folder) for root in self.roots for folder in _folders(root)]
        self._specs: Final = {spec.kind: spec for spec in sorted(specs, key=lambda spec: (spec.order, spec.kind))}
        if len(self._specs) != len(specs):
            raise MailFolderError(f"Two folders have the same name: {sorted(spec.kind for spec in specs)}")
        for spec in self:
            if spec.joins and spec.must_stay_alone:
                raise MailFolderError(f"{spec.kind}: a mail of its nature cannot have joins=True")
            for kind in sorted(spec.waits_for - self._specs.keys()):
                raise MailFolderError(f"{spec.kind}: waits_for names {kind}, which is no mail")

    def __iter__(self) -> Iterator[MailSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __getitem__(self, kind: str) -> MailSpec:
        return self._specs[kind]

    def get(self, kind: str) -> MailSpec | None:
        """Return a mail's specification; None for a kind whose folder has been removed."""
        return self._specs.get(kind)

    @cached_property
    def waits_for(self) -> Mapping[str, frozenset[str]]:
        """Kinds that wait for other kinds about the same meeting."""
        return {spec.kind: spec.waits_for for spec in self if spec.waits_for}

    @cached_property
    def joining(self) -> frozenset[str]:
        """Kinds that may leave as one with other mails to the same person."""
        return frozenset(spec.kind for spec in self if spec.joins)

    def of_topic(self, topic: str | None) -> tuple[str, ...]:
        """Return the kinds of one topic, of which the first mail to leave tells all; none for None."""
        return tuple(spec.kind for spec in self if topic is not None and spec.topic == topic)

    @cached_property
    def by_phone(self) -> frozenset[str]:
        """Kinds of which staff tell on the phone in any case."""
        return frozenset(spec.kind for spec in self if spec.by_phone)

    @property
    def secret(self) -> frozenset[str]:
        """Kinds of which staff see nothing, unless one needs them."""
        return frozenset(spec.kind for spec in self if spec.secret)

    @property
    def taking_back(self) -> tuple[str, ...]:
        """Kinds that take a seat or an offer back."""
        return tuple(spec.kind for spec in self if spec.takes_back)

    @property
    def telling_when(self) -> tuple[str, ...]:
        """Kinds that state when and where a meeting is."""
        return tuple(spec.kind for spec in self if spec.tells_when)

    @property
    def offering(self) -> tuple[str, ...]:
        """Kinds that offer a seat."""
        return tuple(spec.kind for spec in self if spec.offers_seat)

    @cached_property
    def telling_of_group(self) -> tuple[str, ...]:
        """Kinds from which a person hears of a group."""
        return tuple(spec.kind for spec in self if spec.tells_of_group)


@cache
def mail_registry() -> MailRegistry:
    """Return the registry of the mails that notify ships with; read once per process."""
    return MailRegistry()


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "_.")


def _load(folder: Path) -> MailSpec:
    for name in ("spec.py", *TEMPLATES):
        if not (folder / name).is_file():
            raise MailFolderError(f"{folder}: {name} is missing")
    spec = _exported_spec(folder)
    if not isinstance(spec, MailSpec):
        raise MailFolderError(f"{folder / 'spec.py'}: SPEC is not a MailSpec")
    if spec.kind != folder.name:
        raise MailFolderError(f"{folder / 'spec.py'}: kind is {spec.kind!r}, but the folder is {folder.name!r}")
    if (folder / CALL_TEMPLATE).is_file() != (spec.call is not None):
        raise MailFolderError(f"{folder}: {CALL_TEMPLATE} and call= in spec.py go together")
    for name in spec.requires:
        if name not in _CONTENT_FIELDS:
            raise MailFolderError(f"{folder / 'spec.py'}: requires names {name}, which no mail content has")
    return spec


def _exported_spec(folder: Path) -> object:
    name = f"notify.mails.{folder.name}.spec"
    module_spec = spec_from_file_location(name, folder / "spec.py")
    assert module_spec is not None
    assert module_spec.loader is not None
    module = sys.modules[name] = module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    return getattr(module, "SPEC", None)
