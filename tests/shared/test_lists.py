"""Lists of staff pages: order, pages and addresses."""

import pytest

from shared.kit.web.lists import SIZES, Column, ListChoice, listed

COLUMNS: list[Column[tuple[str, int]]] = [
    Column("navn", "Navn", lambda row: row[0], lambda row: row[0]),
    Column("antall", "Antall", lambda row: row[1], lambda row: row[1]),
    Column("nummer", "Nummer", lambda row: row[0]),
]
ROWS = [("b", 2), ("a", 2), ("c", 1)]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (ListChoice(), "bac"),
        (ListChoice("navn"), "abc"),
        (ListChoice("navn", descending=True), "cba"),
        (ListChoice("antall"), "cba"),
        (ListChoice("nummer"), "bac"),
        (ListChoice("tull", descending=True), "bac"),
    ],
)
def test_list_is_ordered_by_the_chosen_column(choice: ListChoice, names: str) -> None:
    page = listed("/liste", COLUMNS, ROWS, choice, {})
    assert "".join(name for name, _ in page.rows) == names


@pytest.mark.parametrize(("number", "first", "shown"), [(1, 0, 1), (2, 25, 2), (3, 50, 3), (9, 50, 3)])
def test_list_page_beyond_the_last_is_the_last(number: int, first: int, shown: int) -> None:
    rows = [(str(each), each) for each in range(60)]
    page = listed("/liste", COLUMNS, rows, ListChoice(size=25, number=number), {"vis": "alle"})
    assert (page.rows[0][1], page.number, page.pages, page.total) == (first, shown, 3, 60)


def test_list_links_keep_filters_and_turn_the_order() -> None:
    rows = [(str(each), each) for each in range(60)]
    choice = ListChoice("navn", size=25, number=2)
    page = listed("/liste", COLUMNS, rows, choice, {"vis": "alle", "senter": ""})
    assert page.link() == "/liste?vis=alle&rekke=navn&per=25&side=2"
    assert [(heading.title, heading.href, heading.sorted) for heading in page.headings] == [
        ("Navn", "/liste?vis=alle&rekke=-navn&per=25", "ascending"),
        ("Antall", "/liste?vis=alle&rekke=antall&per=25", ""),
        ("Nummer", None, ""),
    ]
    assert [size for size, _ in page.sizes] == list(SIZES)
    assert page.sizes[1][1] == "/liste?vis=alle&rekke=navn&per=50"
    assert listed("/liste", COLUMNS, ROWS, ListChoice(), {}).sizes == []
