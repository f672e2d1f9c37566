"""Parse submitted forms into Pydantic models, or into sentences that explain the errors."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Final, Generic, TypeVar, get_args, get_origin

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from shared.kit.i18n import N_, Texts
from shared.kit.text import JOINERS
from shared.kit.web import messages, undo
from shared.kit.web.acts import SURE
from shared.kit.web.csrf import FIELD
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.problems import ProblemError
from shared.kit.web.state import locale_of, state_of

SWITCH = "_switch"
"""The name of the buttons that show the same form in another language."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

_NO_SUCH_DAY: Final = N_("Se over datoen. Stemmer året?")

M = TypeVar("M", bound=BaseModel)

Value = str | list[str]


def _in_our_time(day: date) -> date:
    """Refuse a day that only a slip can mean: near the ends of the calendar even a time zone is out of range."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("day_out_of_range", _NO_SUCH_DAY)
    return day


Day = Annotated[date, AfterValidator(_in_our_time)]
"""A day in a form."""


def day_in(text: str) -> date | None:
    """Return the day that an address names, None for what is no day of our time."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


class Lines:
    """Marks a field of several lines; a line break in any other is refused."""


LINES: Final = Lines()
"""For the annotation of such a field: ``Annotated[str, LINES]``."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """The error of one field (empty name: of the form), in the reader's language."""

    field: str
    message: str


@dataclass(frozen=True)
class Form:
    """
    A form as a page shows it; pass it to the template as ``form``.

    Attributes:
        labels: Field name to label (msgid); also the order of the error summary.
        values: The values of the fields.
        errors: The errors, in the reader's language.
        notice: A sentence above the form that is no error, as after a stale token.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()
    notice: str = ""

    def value(self, name: str) -> str:
        """Return the single value of a field, empty if it has none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else next(iter(value), "")

    def chosen(self, name: str) -> Sequence[str]:
        """Return all values of a field."""
        values = self.values.get(name, [])
        return [values] if isinstance(values, str) else values

    def error(self, name: str) -> str:
        """Return the error of a field, empty if it has none."""
        return next((error.message for error in self.errors if error.field == name), "")

    def label(self, name: str) -> str:
        """Return the label of a field in the reader's language."""
        return self.labels.get(name, name)

    def saying(self, notice: str) -> "Form":
        """Return the form with a sentence above it."""
        return replace(self, notice=notice)

    def refusing(self, name: str, message: str) -> "Form":
        """Return the form with one more error."""
        return replace(self, errors=(*self.errors, FieldError(name, message)))


@dataclass(frozen=True)
class Submission(Generic[M]):
    """
    A submitted form.

    Attributes:
        model: The valid content, or None.
        form: The same form to show again, with values and errors.
        switching: True if the reader only changes the language: show the form again, without errors and without acting.
        extra: Fields that the model does not have, as a honeypot.
    """

    model: M | None
    form: Form
    switching: bool
    extra: Mapping[str, str]


def texts_of(sent: FormData, names: Iterable[str]) -> dict[str, str]:
    """Return what was written in these fields, by name; empty for a field that is missing or a file."""
    return {name: text if isinstance(text := sent.get(name, ""), str) else "" for name in names}


def blank(request: Request, labels: Mapping[str, Label], values: Mapping[str, Value] | None = None) -> Form:
    """Return a form without errors, empty or with values."""
    return Form(_translated(request, labels), values or {})


async def submitted(
    request: Request, model: type[M], labels: Mapping[str, Label], *, cleaned: bool = False
) -> Submission[M]:
    """
    Read and validate a form.

    Signs that cannot be stored are refused, and so are line breaks and marks that nobody sees, as those that turn the
    direction of a text, in a field of one line.

    Args:
        request: The request; its body may have been read already.
        model: The content of the form. A field that is a list, tuple or set takes all values of that name.
        labels: Field name to label (msgid), or to a ``FieldText`` with sentences of its own.
        cleaned: True if the caller takes such marks off instead, which come along with a number that people paste.
    """
    sent = await request.form()
    list_fields = {name for name, info in model.model_fields.items() if _is_list(info.annotation)}
    values: dict[str, Value] = {}
    extra: dict[str, str] = {}
    for name in sent:
        texts = [unicodedata.normalize("NFC", v).strip() for v in sent.getlist(name) if isinstance(v, str)]
        last_text = texts[-1] if texts else ""
        if name in list_fields:
            values[name] = [text for text in texts if text]
        elif name in model.model_fields:
            values[name] = last_text
        elif name not in {FIELD, SWITCH, SURE, undo.FIELD}:
            extra[name] = last_text
    form = Form(_translated(request, labels), values)
    if SWITCH in sent:
        return Submission(None, form, switching=True, extra=extra)
    errors = list(_sign_errors(request, model, labels, values, cleaned=cleaned))
    if not errors:
        try:
            # A required list without a choice is an empty list, so that the message says "choose", not "fill in".
            filled: dict[str, Value] = {name: [] for name in list_fields if model.model_fields[name].is_required()}
            filled |= {name: value for name, value in values.items() if value not in ("", [])}
            return Submission(model.model_validate(filled), form, switching=False, extra=extra)
        except ValidationError as invalid:
            errors = explain(invalid.errors(include_url=False), labels, locale_of(request), state_of(request).texts)
    return Submission(None, replace(form, errors=tuple(errors)), switching=False, extra=extra)


async def read_choice(request: Request, model: type[M]) -> M:
    """
    Read the fields of a button or a list.

    Raises:
        HTTPException: 422; our own pages never send an invalid choice.
    """
    choice = (await submitted(request, model, {})).model
    if choice is None:
        raise HTTPException(422)
    return choice


def explain(errors: Sequence[ErrorDetails], labels: Mapping[str, Label], locale: str, texts: Texts) -> list[FieldError]:
    """Return one sentence per field, in the order of the labels."""
    sentences: dict[str, str] = {}
    for error in errors:
        name = next((part for part in error["loc"] if isinstance(part, str) and part not in {"body", "query"}), "")
        sentences.setdefault(name, messages.sentence(error, labels.get(name, name), locale, texts))
    order = list(labels)
    names = sorted(sentences, key=lambda name: order.index(name) if name in order else len(order))
    return [FieldError(name, sentences[name]) for name in names]


def problem_errors(
    errors: Sequence[ErrorDetails], labels: Mapping[str, Label], locale: str, texts: Texts
) -> list[ProblemError]:
    """Return the same sentences for the API."""
    return [{"field": error.field, "message": error.message} for error in explain(errors, labels, locale, texts)]


def _translated(request: Request, labels: Mapping[str, Label]) -> dict[str, str]:
    _ = state_of(request).texts.translator(locale_of(request))
    return {name: _(label.label if isinstance(label, FieldText) else label) for name, label in labels.items()}


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in {list, tuple, set, frozenset}:
        return True
    return any(_is_list(part) for part in get_args(annotation))


def _sign_errors(
    request: Request, model: type[BaseModel], labels: Mapping[str, Label], values: Mapping[str, Value], *, cleaned: bool
) -> Iterator[FieldError]:
    """Yield an error for each field with signs that it cannot have."""
    locale, texts = locale_of(request), state_of(request).texts
    for name, value in values.items():
        one_line = not cleaned and not any(isinstance(mark, Lines) for mark in model.model_fields[name].metadata)
        sent = [value] if isinstance(value, str) else value
        if any(map(_has_control, sent)):
            yield FieldError(name, messages.control_characters(locale, texts))
        elif one_line and any(map(_is_not_one_line, sent)):
            yield FieldError(name, messages.not_one_line(labels.get(name, name), locale, texts))


def without_control(text: str) -> str:
    """Return the text without signs that cannot be stored."""
    return "".join(sign for sign in text if not _is_control(sign))


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\r\n\t"


def _has_control(text: str) -> bool:
    return any(map(_is_control, text))


def _is_not_one_line(text: str) -> bool:
    return any(map(_breaks_a_line, text))


def _breaks_a_line(sign: str) -> bool:
    return sign in "\r\n\t\u2028\u2029" or (unicodedata.category(sign) == "Cf" and sign not in JOINERS)
