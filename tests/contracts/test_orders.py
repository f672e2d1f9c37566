"""A list has one order: each ``order_by`` ends in a key that no two rows share, so equal times do not shuffle it."""

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Table, UniqueConstraint

from intake.store.tables import PolicyVersion, Signup

SERVICES: Final = Path(__file__).parents[2] / "services"

FILES: Final = sorted(
    file
    for service in ("intake", "grouping", "notify")
    for file in (SERVICES / service / service).rglob("*.py")
    if "order_by" in file.read_text("utf-8")
)

ONE_ROW_EACH: Final[Mapping[str, str]] = {
    "grouping.store.audit.entries_of_group": "by the id of the entry",
    "grouping.store.audit.entries_of_areas": "by the id of the entry",
    "grouping.store.capacity": "by owner and id, the columns of a union",
    "grouping.store.matching": "by the number of the change",
    "grouping.store.seats.current": "by the id of the seat, under another name",
    "intake.store.signups.page_of_centres": "by the id of the sign-up, in a list of its own",
    "intake.store.sealed_addresses.people_in_line": "people only: two rows of one person are the same",
    "intake.vault.vault.Vault": "by the id of the person, on a table without a class",
    "notify.store.centre_messages._members": "one live seat of a person in a group",
    "notify.store.contact_groups._waiting": "one recipient for each person, whichever row",
}
"""Functions whose order has no such key in itself, each with what makes it one."""


_DEFINED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _table(name: ast.expr, scope: Mapping[str, Any]) -> Table | None:
    """Return the table of a class that a name of a module stands for."""
    table = getattr(scope.get(name.id), "__table__", None) if isinstance(name, ast.Name) else None
    return table if isinstance(table, Table) else None


def _columns(nodes: list[ast.expr], scope: Mapping[str, Any]) -> Iterator[tuple[Table, str]]:
    """Yield the columns that are named in some expressions."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and (table := _table(part.value, scope)) is not None:
                yield table, part.attr


def _keys(table: Table) -> Iterator[frozenset[str]]:
    """Yield each set of columns that no two rows of a table share."""
    yield frozenset(column.name for column in table.primary_key)
    for column in table.columns:
        if column.unique:
            yield frozenset({column.name})
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield frozenset(column.name for column in constraint.columns)
    for index in table.indexes:
        if index.unique and index.dialect_options["postgresql"].get("where") is None:
            yield frozenset(column.name for column in index.columns)


def _named(function: ast.AST, node: ast.expr) -> list[ast.expr]:
    """Return an expression, or what a variable of the function that it names is."""
    inner = node.value if isinstance(node, ast.Starred) else node
    if not isinstance(inner, ast.Name):
        return [node]
    return [
        part.value
        for part in ast.walk(function)
        if isinstance(part, ast.Assign) and any(isinstance(to, ast.Name) and to.id == inner.id for to in part.targets)
    ] or [node]


def unsteady(source: str, scope: Mapping[str, Any]) -> list[str]:
    """Return the functions, or lines outside of one, whose order leaves rows equal."""
    found = []
    for outer in ast.parse(source).body:
        equal = {
            column
            for part in ast.walk(outer)
            if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq)
            if not list(_columns(part.comparators, scope))  # a join
            for column in _columns([part.left], scope)
        }
        once = any(
            isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "distinct"
            for part in ast.walk(outer)
        )
        for call in ast.walk(outer):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            orders = call.args if call.func.attr == "order_by" else []
            orders = orders + [argument.value for argument in call.keywords if argument.arg == "order_by"]
            if not orders or all(isinstance(order, ast.Constant) and order.value is None for order in orders):
                continue
            ordered = {column for order in orders for column in _columns(_named(outer, order), scope)}
            known = ordered | equal
            tables = {table for table, _ in ordered}
            if once and ordered:
                continue
            if not any(key <= {name for of, name in known if of is table} for table in tables for key in _keys(table)):
                found.append(f".{outer.name}" if isinstance(outer, _DEFINED) else "")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: ".".join(file.relative_to(SERVICES).with_suffix("").parts[1:]))
def test_every_order_ends_in_a_key(file: Path) -> None:
    name = ".".join(file.relative_to(SERVICES).with_suffix("").parts[1:])
    module = importlib.import_module(name)
    left = [at for at in unsteady(inspect.getsource(module), vars(module)) if f"{name}{at}" not in ONE_ROW_EACH]
    assert left == [], f"{name}: rows that are equal by this order stand anyhow; add the key of the row to it"


SHUFFLED: Final = {
    "time_only": "select(Signup).order_by(col(Signup.signed_up_at))",
    "no_key_after_limit": "select(Signup).order_by(col(Signup.signed_up_at).desc()).limit(1)",
    "half_of_a_key": "select(PolicyVersion).order_by(col(PolicyVersion.number))",
    "key_of_another_row": "select(Signup).order_by(col(Signup.person_id))",
    "over": "func.row_number().over(order_by=col(Signup.signed_up_at))",
    "order_with_a_name": "newest = (col(Signup.signed_up_at),)\n    select(Signup).order_by(*newest)",
    "key_of_a_join": "select(Signup).where(col(Signup.signup_id) == col(PolicyVersion.centre)).order_by(Signup.state)",
}
IN_ONE_ORDER: Final = {
    "key_last": "select(Signup).order_by(col(Signup.signed_up_at), col(Signup.signup_id).desc())",
    "rest_of_a_key_is_given": "select(PolicyVersion).where(PolicyVersion.centre == 'a').order_by(PolicyVersion.number)",
    "each_value_once": "select(col(Signup.area)).distinct().order_by(col(Signup.area))",
    "no_order": "select(Signup).order_by(None)",
}
_SCOPE: Final = {"Signup": Signup, "PolicyVersion": PolicyVersion}


@pytest.mark.parametrize("query", SHUFFLED.values(), ids=SHUFFLED)
def test_unsteady_order_is_found(query: str) -> None:
    assert unsteady(f"def query():\n    {query}\n", _SCOPE) == [".query"]


@pytest.mark.parametrize("query", IN_ONE_ORDER.values(), ids=IN_ONE_ORDER)
def test_unsteady_leaves_order_with_a_key(query: str) -> None:
    assert unsteady(f"def query():\n    {query}\n", _SCOPE) == []
