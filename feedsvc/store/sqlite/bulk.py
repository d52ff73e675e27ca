"""Insert many rows in one call of the driver, also where some may exist.

SQLAlchemy prepares the parameters of each row, which takes longer than SQLite needs to insert most of them. All columns
of the store have values that sqlite3 takes as they are: text, numbers, bytes, booleans and None.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.pysqlite import dialect

from feedsvc.store.engines import Row


def execute(connection: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    """Execute `statement` with each row. Every row has the same columns."""
    if rows:
        sql, values_of = compiled_for(statement, tuple(rows[0]))
        connection.exec_driver_sql(sql, list(map(values_of, rows)))


@cache
def compiled_for(statement: Insert, columns: tuple[str, ...]) -> tuple[str, Callable[[Row], tuple[Any, ...]]]:
    """Return the SQL of a statement for rows with these columns, and a function that returns the values of a row."""
    compiled = statement.compile(dialect=dialect(), column_keys=columns)
    names = compiled.positiontup or []
    if len(names) == 1:
        return str(compiled), lambda row: (row[names[0]],)
    return str(compiled), itemgetter(*names)


@cache
def insert_all(table: Table) -> Insert:
    """Return a statement that inserts rows."""
    return insert(table)


@cache
def put(table: Table) -> Insert:
    """Return a statement that writes rows over those with the same key."""
    statement = insert(table)
    newer = {each.name: statement.excluded[each.name] for each in table.columns if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=newer)


@cache
def put_new(table: Table) -> Insert:
    """Return a statement that inserts the rows whose key is not there."""
    return insert(table).on_conflict_do_nothing()


@cache
def add(table: Table, column: str) -> Insert:
    """Return a statement that inserts rows, or adds their `column` to that of the row with the same key."""
    statement = insert(table)
    total = {column: table.c[column] + statement.excluded[column]}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=total)
