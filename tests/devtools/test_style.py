"""The check of plain language finds each kind of fault, and passes what is well said."""

import pytest

from devtools import style


@pytest.mark.parametrize(
    "subject",
    [
        "fix(grouping): " + "a" * 58,
        "refactor: " + "what a place holds, what an event says and which areas are asked about",
        "Update files",
        "feature(intake): add a page",
        "fix(kit) isolate failures",
    ],
)
def test_commit_faults_bad_subject_is_reported(subject: str) -> None:
    assert len(list(style.commit_faults([subject]))) == 1


@pytest.mark.parametrize(
    "subject",
    [
        "fix(consumers): run batches in their own task",
        "refactor!: move meetings to a table of their own",
        "i18n(grouping): say room where it was place",
        "test(fault-runs): kill notify while it starts",
        "docs: add the glossary",
    ],
)
def test_commit_faults_good_subject_passes(subject: str) -> None:
    assert list(style.commit_faults([subject])) == []


@pytest.mark.parametrize(
    "docstring",
    [
        "Whether everybody must be looked at.",
        "What an event with wishes is to us.",
        "Who of these can all meet.",
        "Those who are free and fit this cell.",
        "Somebody no longer has their seat.",
        "So many rounds around these people.",
    ],
)
def test_riddles_function_that_opens_with_one_is_found(docstring: str) -> None:
    assert [first for first, _ in style.riddles(f'def f() -> None:\n    """{docstring}"""\n')] == [docstring]


@pytest.mark.parametrize("docstring", ["Return the seats.", "A group of five to eight people.", "Whose_ is a name."])
def test_riddles_plain_docstring_passes(docstring: str) -> None:
    assert list(style.riddles(f'class A:\n    """{docstring}"""\n')) == []


def test_test_names_nested_and_async_functions_are_found() -> None:
    source = "class TestA:\n    async def test_b(self): ...\n\ndef test_c(): ...\n\ndef helper(): ...\n"
    assert {name for name, _ in style.test_names(source)} == {"test_b", "test_c"}
