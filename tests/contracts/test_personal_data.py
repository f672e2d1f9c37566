"""The register of personal data has every column, says what an erasure does, and is what the page says."""

import re
from uuid import UUID

import pytest
import sqlalchemy as sa

from intake.usecases.contacts import PERSONAL_FIELDS
from selvhjelp.installation import DATABASES
from selvhjelp.operations import people, personal_data
from selvhjelp.operations.migrate import tables
from selvhjelp.operations.personal_data import faults, register
from shared.kit.messaging.named_people import FIELDS
from shared.reference.personal_data import Erasure, Kind, Rows
from tests.contracts.documents import DATA_PAGE

ALL = [
    pytest.param(database, rows, id=f"{database}.{rows.table}") for database in DATABASES for rows in register(database)
]
NOBODY = UUID(int=1)
OF_SOMEBODY = {*FIELDS, "owner_id", "recipient_id"}
"""Names of columns that hold the id of a person or an account, wherever they are."""


@pytest.mark.asvs("14.1.1")
@pytest.mark.parametrize("database", DATABASES)
def test_every_column_has_one_kind_and_every_entry_a_column(database: str) -> None:
    assert list(faults(database)) == []


@pytest.mark.asvs("14.1.2")
def test_page_is_made_of_the_register() -> None:
    assert DATA_PAGE.read_text(encoding="utf-8") == personal_data.page(), "run: just schemas"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ids": "person_id wrapped"}, "column person_keys.created_at has no kind"),
        ({"none": "kek_id created_at email"}, "there is no column person_keys.email"),
        ({"contact": "wrapped"}, "column person_keys.wrapped has two kinds"),
        ({"table": "person_keyz"}, "table person_keys has no Rows"),
        ({"ids": "wrapped", "none": "person_id kek_id created_at"}, "person_keys.person_id says whom"),
    ],
)
def test_faults_name_what_is_missing(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], fault: str) -> None:
    first, *others = register("intake_keys")
    fields = {"ids": "person_id wrapped", "none": "kek_id created_at"} | change
    if fault.endswith("has no kind"):
        fields["none"] = "kek_id"
    changed = Rows(fields.pop("table", first.table), first.what, first.at_erasure, first.kept, first.of, **fields)
    monkeypatch.setattr(personal_data, "register", lambda _database: (changed, *others))
    assert any(fault in found for found in faults("intake_keys"))


@pytest.mark.parametrize(("database", "rows"), ALL)
def test_entry_about_people_says_what_an_erasure_does(database: str, rows: Rows) -> None:
    about_somebody = bool(rows.contact or rows.ids or rows.wishes)
    assert about_somebody == (rows.at_erasure is not Erasure.NOBODY)
    names = {name for name, _ in rows.columns()}
    assert OF_SOMEBODY & names <= set(rows.of)
    if rows.at_erasure in {Erasure.ID_STAYS, Erasure.ENDS} and "erasures" not in rows.table:
        assert rows.kept or rows.table in {"votes", "vote_turnouts"}, "what an erasure leaves has an end"


@pytest.mark.parametrize(("database", "rows"), ALL)
def test_sealed_value_is_a_contact_and_has_a_key_to_destroy(database: str, rows: Rows) -> None:
    sealed = {name for name, _ in rows.columns() if name.endswith("_sealed")}
    assert sealed <= set(rows.named(Kind.CONTACT))
    assert not sealed or (database == "intake" and rows.at_erasure is Erasure.DELETED)
    assert {name.removesuffix("_sealed") for name in sealed} <= {*PERSONAL_FIELDS, "name"}


@pytest.mark.parametrize(("database", "rows"), ALL)
def test_contacts_are_in_the_databases_of_intake_only(database: str, rows: Rows) -> None:
    assert database == "intake" or not rows.contact


def _reached(database: str, at_erasure: set[Erasure]) -> set[str]:
    service = database.removesuffix("_keys")
    return {table.name for table, _ in people._tables_about(service, NOBODY, at_erasure)}


@pytest.mark.parametrize("database", ["intake", "grouping", "notify"])
def test_what_is_deleted_is_what_is_looked_for_afterwards(database: str) -> None:
    """PR-6: the set of the erasure is the set of the register."""
    deleted = {rows.table for rows in register(database) if rows.at_erasure is Erasure.DELETED}
    assert _reached(database, {Erasure.DELETED}) == deleted - {"sealed_addresses"}, "which belong to nobody"


@pytest.mark.parametrize("database", ["grouping", "notify"])
def test_what_is_exported_is_what_the_register_calls_deleted_or_taken_out(database: str) -> None:
    reached = people._tables_about(database, NOBODY, people.EXPORTED, exported=True)
    exported = {table.name for table, _ in reached}
    own = {rows.table for rows in register(database) if rows.at_erasure in people.EXPORTED and not rows.withheld}
    assert exported == own


def test_columns_of_ids_are_the_uuids_that_lead_to_somebody() -> None:
    """A column with the word person, sign-up, seat or mail in its name is no plain number."""
    telling = re.compile(r"(person|signup|seat|mail|account|igangsetter|recipient|owner)s?_ids?$")
    for database in DATABASES:
        entries = {rows.table: rows for rows in register(database)}
        for table in tables(database).sorted_tables:
            ids = set(entries[table.name].named(Kind.ID))
            uuids = {column.name for column in table.columns if isinstance(column.type, sa.Uuid | sa.ARRAY)}
            assert {name for name in uuids if telling.search(name)} <= ids, table.name
