"""The databases of tests: used again when a test has left rows only, and never when it has changed more."""

import asyncpg
import pytest
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text

from devtools.testing.databases import Cluster, Databases

metadata = MetaData()
Table("words", metadata, Column("id", BigInteger, Identity(), primary_key=True), Column("word", Text, index=True))


@pytest.fixture
def databases(database_cluster: Cluster) -> Databases:
    return Databases(database_cluster)


async def taken(databases: Databases) -> str:
    return (await databases("words", metadata)).replace("postgresql+asyncpg", "postgresql")


async def run(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    rows: list[asyncpg.Record] = []
    for statement in statements:
        rows = await connection.fetch(statement)
    await connection.close()
    return rows


async def test_database_given_back_comes_again_empty(databases: Databases) -> None:
    url = await taken(databases)
    await run(url, "INSERT INTO words (word) VALUES ('a'), ('b')")
    await databases.give_back()
    again = await taken(databases)
    assert again == url
    rows = await run(again, "INSERT INTO words (word) VALUES ('c')", "SELECT id, word FROM words")
    assert [tuple(row) for row in rows] == [(1, "c")]
    await databases.give_back()


async def test_database_given_back_has_no_session_of_the_test(databases: Databases) -> None:
    url = await taken(databases)
    left = await asyncpg.connect(url)
    await left.execute("BEGIN; INSERT INTO words (word) VALUES ('a'); SELECT pg_advisory_lock(1)")
    await databases.give_back()
    again = await taken(databases)
    assert again == url
    (row,) = await run(again, "SELECT pg_try_advisory_lock(1) AS locked, (SELECT count(*) FROM words) AS words")
    assert tuple(row) == (True, 0)
    left.terminate()
    await databases.give_back()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE words ADD note text",
        "ALTER TABLE words ALTER word SET NOT NULL",
        "ALTER TABLE words ADD CHECK (word <> '')",
        "CREATE TABLE more (id int)",
        "CREATE INDEX ON words (lower(word))",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP INDEX ix_words_word",
        "GRANT SELECT ON words TO pg_monitor",
        "CREATE SCHEMA aside",
        "ALTER TABLE words RENAME TO vocabulary",
        "ANALYZE words",
    ],
)
async def test_database_with_another_structure_never_comes_again(databases: Databases, change: str) -> None:
    url = await taken(databases)
    await run(url, "INSERT INTO words (word) VALUES ('a')", change)
    await databases.give_back()
    again = await taken(databases)
    assert again != url
    await databases.give_back()
