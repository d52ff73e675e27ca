"""What files cannot say themselves: types, header fields, redirects, removed articles, addresses with a query.

`_headers` and `_redirects` are read by Netlify and Cloudflare Pages. The files in `.servers/` are to be included in the
configuration of nginx and Caddy, which also map addresses with a query to the paths of the export.
"""

from datetime import UTC, datetime
from typing import Final

from feedsvc.export.rendering import Content
from feedsvc.export.servers import caddy, nginx, static_hosts
from feedsvc.export.servers.rules import Rules

FOLDER: Final = ".servers"
_TEXT: Final = "text/plain; charset=utf-8"
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def server_files(rules: Rules) -> dict[str, Content]:
    """Return the files for servers by their keys."""
    texts = {
        "_headers": static_hosts.headers(rules),
        "_redirects": static_hosts.redirects(rules),
        f"{FOLDER}/nginx-maps.conf": nginx.maps(rules),
        f"{FOLDER}/nginx-server.conf": nginx.server(rules),
        f"{FOLDER}/Caddyfile": caddy.caddyfile(rules),
    }
    return {key: Content(text.encode(), _TEXT, _MADE) for key, text in texts.items()}
