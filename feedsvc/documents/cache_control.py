"""Cache-Control of documents: max-age, and how long a cache may serve a stale document."""

from typing import Final

from feedsvc.model import CachePolicy

# In seconds. An archive may still be corrected, so it is fresh for one day at most.
ARCHIVE_MAX_AGE: Final = 86400


def cache_control(policy: CachePolicy, max_age: int | None = None) -> str:
    """Return the Cache-Control of a document (RFC 9111 §5.2.2, RFC 5861); `max_age` is in seconds."""
    age = policy.max_age if max_age is None else max_age
    return (
        f"public, max-age={age}, stale-while-revalidate={policy.stale_while_revalidate}, "
        f"stale-if-error={policy.stale_if_error}"
    )
