"""The tables of the WebSub hub. They are no part of the store's own schema: no commit signal counts what they hold.

Times are seconds since 1970 in UTC, since a claim needs parts of a second. New columns have a `server_default`.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.schema import CreateIndex, CreateTable

metadata: Final = MetaData()


def _claim_columns() -> tuple[Column[str], Column[float]]:
    """Return the columns of a row that one worker at a time works on (see `claims`)."""
    return (
        Column("claim", String, nullable=False, server_default=""),
        Column("claimed_until", Float, nullable=False, server_default="0"),
    )


# A subscription: the callback and the feed (its path and query below base_url), which `key` is a digest of. `topic` is
# the URL that the subscriber wrote. `tried_tag` is the version that `attempts` failed to deliver; the next one is not
# before `next_attempt_at`, and no version before `retry_after_at`, which the subscriber asked for.
subscriptions: Final = Table(
    "hub_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("feed", String, nullable=False),
    Column("callback", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("secret", String),
    Column("created_at", Float, nullable=False),
    Column("lease_ends_at", Float, nullable=False),
    Column("delivered_tag", String, nullable=False),
    Column("delivered_at", Float),
    Column("tried_tag", String, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Float, nullable=False, server_default="0"),
    Column("retry_after_at", Float, nullable=False, server_default="0"),
    Column("is_slow", Boolean, nullable=False, server_default="0"),
    *_claim_columns(),
    UniqueConstraint("key"),
)
Index("hub_subscriptions_feed", subscriptions.c.feed, subscriptions.c.delivered_tag)
Index("hub_subscriptions_claim", subscriptions.c.claim)

# A request that is not verified yet, or a denial that is not told yet. A newer one for the same key replaces it.
verifications: Final = Table(
    "hub_verifications",
    metadata,
    Column("key", String, primary_key=True),
    Column("feed", String, nullable=False),
    Column("callback", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("host", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("secret", String),
    Column("lease_seconds", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Float, nullable=False, server_default="0"),
    *_claim_columns(),
)
Index("hub_verifications_due", verifications.c.next_attempt_at)
Index("hub_verifications_host", verifications.c.host)
Index("hub_verifications_claim", verifications.c.claim)

# The current version of each feed with subscriptions: the tag of its document, and the commit that it was rendered of.
feed_versions: Final = Table(
    "hub_feed_versions",
    metadata,
    Column("feed", String, primary_key=True),
    Column("tag", String, nullable=False),
    Column("epoch", String, nullable=False),
    Column("commits", Integer, nullable=False),
    Column("changed_at", Float, nullable=False),
)

# The commit that each outside hub was told of last.
outside_hubs: Final = Table(
    "hub_outside_hubs",
    metadata,
    Column("url", String, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("commits", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Float, nullable=False, server_default="0"),
    Column("problem", Text, nullable=False, server_default=""),
    *_claim_columns(),
)

# Totals since the tables were made.
counters: Final = Table(
    "hub_counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# The self-test: one row for each that runs or was the last one.
self_tests: Final = Table(
    "hub_self_tests",
    metadata,
    Column("token", String, primary_key=True),
    Column("secret", String, nullable=False),
    Column("begun_at", Float, nullable=False),
    Column("verified_at", Float),
    Column("delivered_at", Float),
    Column("problem", Text),
)


def create(connection: Connection) -> None:
    """Make the tables that are not there, with their indexes. Where all are there, no right to make any is needed."""
    present = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in present:
            continue
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            connection.execute(CreateIndex(index, if_not_exists=True))
