"""The URL of a store in PostgreSQL: what it says to the driver, what it says to feedsvc, and what messages may show."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.errors import ConfigError

POOL_SIZE: Final = 10
# The seconds for which a new connection may take, and after which a silent peer counts as gone.
CONNECT_SECONDS: Final = 5
SILENT_MS: Final = 3000
# Between machines a connection may be cut without a word. libpq notices with these; a local socket ignores them.
_KEEPALIVE: Final = {
    "keepalives": "1",
    "keepalives_idle": "1",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "tcp_user_timeout": str(SILENT_MS),
}
_EXAMPLE: Final = "write postgresql://user@host/database, special characters in a password as %40"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is. `url` is for the driver; `pool_size` is how many connections a process may have.

    `name` is the URL without a password and without options, which may have one.
    """

    url: URL
    name: str
    pool_size: int

    def without_secrets(self, text: str) -> str:
        """Return `text` without the password, should the driver or the server repeat it."""
        secrets = [self.url.password, *(self.url.query.get(each) for each in ("password", "sslpassword"))]
        for secret in secrets:
            if isinstance(secret, str) and secret:
                text = text.replace(secret, "***")
        return text


def address_of(place: str) -> Address:
    """Return the address that the URL `place` is. Raises ConfigError, which does not repeat it: it has passwords."""
    try:
        given = make_url(place)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"the URL of the store cannot be read ({_EXAMPLE})") from error
    if "@" in (given.host or ""):
        # A part of the password would be taken for the host, and be in messages.
        raise ConfigError(f"the URL of the store has more than one @ ({_EXAMPLE})")
    query = dict(given.query)
    size = query.pop("pool_size", str(POOL_SIZE))
    if not isinstance(size, str) or not (size.isascii() and size.isdigit() and 2 <= int(size[:6]) <= 1000):
        raise ConfigError("the URL of the store: pool_size is not a number from 2 to 1000")
    options = {"connect_timeout": str(CONNECT_SECONDS), "fallback_application_name": "feedsvc", **_KEEPALIVE, **query}
    shown = URL.create("postgresql", given.username, None, given.host, given.port, given.database)
    url = given.set(drivername="postgresql+psycopg", query=options)
    return Address(url, shown.render_as_string(), int(size))
