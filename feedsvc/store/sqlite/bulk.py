"""Insert many rows in one call of the driver.

SQLAlchemy prepares the parameters of each row, which takes longer than SQLite needs to insert most of them. All columns
of the store have values that sqlite3 takes as they are: text, numbers, bytes, booleans and None.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import Insert
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
