"""Whether something was committed: one query of a table with one row, without a transaction.

It works on a standby and behind a transaction pooler. Each commit puts a random mark before those of the last ones, so
a reader sees that a commit it knows is not there any more: after a failover to a standby that lacked it, for example.
"""

import secrets
import time
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, Engine, exc

from feedsvc.errors import StoreUnavailable
from feedsvc.store.postgresql.address import Address
from feedsvc.store.postgresql.connections import open_engine
from feedsvc.store.postgresql.errors import unavailable
from feedsvc.store.postgresql.responsiveness import Responsiveness

# How often the database is asked at most, and after an error. The refresher comes each 20 ms: with 50 it would be 60.
LOOK_SECONDS: Final = 0.04
RETRY_SECONDS: Final = 1.0
_KEPT: Final = 32
_MARK_BYTES: Final = 4
CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS commits (single boolean PRIMARY KEY DEFAULT true CHECK (single),"
    ' place varchar COLLATE "C", number bigint NOT NULL, marks varchar COLLATE "C" NOT NULL);'
    " INSERT INTO commits (number, marks) VALUES (0, '') ON CONFLICT DO NOTHING"
)
# One round trip for both. Where nothing was written before, there is nothing to see.
_END: Final = (
    "UPDATE commits SET number = number + 1, marks = left('{mark} ' || marks, {length})"
    " WHERE pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT"
)
_LOOK: Final = "SELECT marks FROM commits"


def noted_commit() -> str:
    """Return the statements that end one transaction of the writer: they note that it wrote something, and commit."""
    return _END.format(mark=secrets.token_hex(_MARK_BYTES), length=_KEPT * (2 * _MARK_BYTES + 1))


class CommitSignal:
    """Of the store at `address`. For one thread; it opens a connection of its own.

    It tries the server again each RETRY_SECONDS while that does not answer, and `responsiveness` tells the readers.
    """

    def __init__(self, address: Address, responsiveness: Responsiveness) -> None:
        self._address, self._responsiveness = address, responsiveness
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        # The marks of the last look, the newest first; "" if there is none.
        self._marks = ""
        self._is_new = True
        self._next_look = 0.0
        self.is_other_store = False
        self.problem = ""

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection to the database."""
        return self._connection is not None

    def has_changed(self) -> bool:
        """Whether there was a commit since the last call; True at the first one. False while nothing can be read."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        try:
            marks = self._look()
        except (exc.DBAPIError, exc.TimeoutError, StoreUnavailable, OSError) as error:
            self.problem = str(error if isinstance(error, StoreUnavailable) else unavailable(self._address, error))
            self._disconnect()
            self._next_look = time.monotonic() + RETRY_SECONDS
            return False
        self._next_look, self.problem = now + LOOK_SECONDS, ""
        if marks is None or (marks == self._marks and not self._is_new):
            return False
        before = self._marks.partition(" ")[0]
        self.is_other_store = self._is_new or before not in marks.split(" ")
        self._marks, self._is_new = marks, False
        return True

    def _look(self) -> str | None:
        if self._connection is None:
            self._engine = self._engine or open_engine(
                self._address, pool_size=1, responsiveness=self._responsiveness, tries_always=True
            )
            self._connection = self._engine.connect()
        marks: str | None = self._connection.exec_driver_sql(_LOOK).scalar()
        return marks

    def reset(self) -> None:
        """Let the next look find a commit."""
        self._is_new, self._next_look = True, 0.0

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._disconnect()
        self.reset()

    def _disconnect(self) -> None:
        """Close the connection and keep what was seen: while the server is away, nothing is committed."""
        if self._connection is not None:
            # It ends a transaction of SQLAlchemy, which the server may not hear of any more.
            with suppress(exc.DBAPIError):
                self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
