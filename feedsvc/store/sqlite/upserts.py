"""Statements that insert rows where some may exist, in SQLite's dialect."""

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert


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
