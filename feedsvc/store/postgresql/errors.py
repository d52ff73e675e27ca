"""What PostgreSQL and its driver report, as StoreUnavailable with what, where and a cure, and never with a password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from feedsvc.errors import NO_STORE, StoreUnavailable
from feedsvc.store.postgresql.address import Address

# SQLSTATE of errors (appendix A of PostgreSQL's manual). A cure does not say that there is another attempt: a command
# ends with its message, and a process that goes on adds that it tries again.
QUERY_CANCELED: Final = "57014"
NO_TABLE: Final = "42P01"
READ_ONLY: Final = "25006"
_CURES: Final = {
    NO_TABLE: "run feedsvc sync",
    READ_ONLY: "the server is a standby, or the role may only read: name the primary and a role that may write",
    "42501": "GRANT the role what docs/reference/postgresql.md lists",
    "28P01": "correct the password in the URL, in PGPASSWORD or in ~/.pgpass",
    "28000": "allow the role in pg_hba.conf, or name another one in the URL",
    "3D000": "create the database (createdb), or name another one in the URL",
    "3F000": "create the schema, or name another one in search_path",
    "40001": "the next attempt may succeed; on a standby, raise max_standby_streaming_delay",
    "40P01": "the next attempt may succeed",
    "53100": "free some disk space on the server",
    "53200": "give the server more memory",
    "53300": "lower pool_size in the URL or the number of workers, or raise max_connections",
    "55P03": "another process writes: wait until it has finished",
    QUERY_CANCELED: "the role or the database may have a statement_timeout that is too short",
    "57P01": "start the server if it stays so",
    "57P02": "start the server if it stays so",
    "57P03": "wait until the server has started; start it if it stays so",
    "57P05": "the next attempt may succeed; idle_session_timeout may be too short",
}
# Errors of a connection that was not made have no SQLSTATE: their text tells, in English.
_SIGNS: Final = {
    "password": "28P01",
    "pg_hba.conf": "28000",
    "too many clients": "53300",
    "connection slots": "53300",
    "too many connections": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "recovery": "57P03",
    "permission denied": "42501",
}
_AWAY: Final = "check that the server runs and that the URL names it"


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of the driver, or of what SQLAlchemy made of it; None if it has none."""
    found = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found if isinstance(found, str) else None


def cure_of(error: BaseException) -> str:
    """Return what helps against an error of the driver."""
    state, said = sqlstate(error), str(getattr(error, "orig", error))
    if "during recovery" in said:
        # A standby refuses a transaction that writes with the state of a feature that is missing.
        state = READ_ONLY
    if state is None:
        # The name of a role or a database may be any word, and stands in quotes.
        plain = " ".join(said.split('"')[::2])
        if "does not exist" in plain:
            state = "3D000" if "database" in plain else "28000"
        state = state or next((code for sign, code in _SIGNS.items() if sign in plain), None)
    return _CURES.get(state or "", _AWAY if state is None or state[:2] == "08" else "see the log of the server")


def unavailable(address: Address, error: BaseException) -> StoreUnavailable:
    """Return the StoreUnavailable for an error of the driver."""
    cause = getattr(error, "orig", None) or error
    if sqlstate(error) == NO_TABLE:
        return StoreUnavailable(f"{address.name}: {NO_STORE}", NO_STORE)
    if isinstance(error, exc.TimeoutError):
        cure = "raise pool_size in the URL, or lower FEEDSVC_THREADS"
        said = f"all {address.pool_size} connections of this process are in use"
        return StoreUnavailable(f"{address.name}: {said} ({cure})", f"{said} ({cure})")
    message = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause) or type(cause).__name__
    line = " ".join(address.without_secrets(message).split())
    cure = cure_of(error)
    return StoreUnavailable(f"{address.name}: {line} ({cure})", f"the database cannot be used ({cure})")


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Raise StoreUnavailable for an error of the driver or of the pool in the block."""
    try:
        yield
    except exc.PendingRollbackError as error:
        # A part of the block survived the error of the driver and went on.
        lost = f"the connection was lost ({_AWAY})"
        raise StoreUnavailable(f"{address.name}: {lost}", lost) from error
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise unavailable(address, error) from error
