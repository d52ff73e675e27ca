"""The files for nginx: maps for its `http` block, and locations for a `server` block."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from feedsvc import routes
from feedsvc.export.servers.old_feeds import FEED_QUERY
from feedsvc.export.servers.rules import (
    ERRORS,
    GONE,
    HIDDEN,
    MISSING,
    OF_FEEDS,
    OWN,
    SUFFIXED,
    TRACKING,
    Rules,
    beginning,
    groups,
)

# In bytes: what a bucket of a map's hash takes. A longer address is a regular expression.
_MAX_KEY: Final = 900
# The values of a map of addresses are a target, a space and the address, which is compared with that of the request: in
# its keys nginx ignores the case of ASCII letters. After "=" it was compared already.
_SAME: Final = (
    r'    "~(?s)^(?<feedsvc_a>[^ ]+) (?<feedsvc_key>/.*) \\k<feedsvc_key>$" $feedsvc_a;',
    '    "~^(?<feedsvc_b>[^ ]+) = " $feedsvc_b;',
)


def maps(rules: Rules) -> str:
    """Return what belongs into the `http` block of nginx."""
    prefix = re.escape(rules.prefix)
    below = [_row("^feed ", "")]
    below += [_row(rf"^- {prefix}(?:{rules.feed_paths})$", "")] if rules.feed_paths else []
    below += [_row(rf"^(?:- )?{prefix}(?:{OWN})", "")]
    below += [_row(rf"^(?:- )?{beginning(rules.prefix + source)}", target) for source, target in rules.below]
    lines = [
        "# Made by feedsvc export. Include it in the http block, and nginx-server.conf in a server block.",
        "map_hash_max_size 65536;",
        "map_hash_bucket_size 1024;",
        "# The values of maps cannot have a dollar sign otherwise.",
        'geo $feedsvc_dollar { default "$"; }',
        "# A path with a query of the service: the path of the file that shows the same.",
        *_map("$uri?$args", "path", (_row(_named(pattern), groups(path, "${g")) for pattern, path in rules.asked)),
        *_map("$args", "asks", ['    "" "";', _row(f"(?i){TRACKING}", "")], default="1"),
        *_map("$uri", "uri", [f'    "~{_quoted(rf"(?s)^(?<g0>{prefix}/.+?)/+$")}" $g0;'], default="$uri"),
        "# The files that are looked for at a path.",
        *_map("$feedsvc_uri", "page", [_row(rf"^{prefix}{ERRORS}", "$feedsvc_uri")], default="$feedsvc_uri.html"),
        *_map(
            "$feedsvc_uri",
            "file",
            [_row(rf"^{prefix}{OF_FEEDS}", "$feedsvc_uri"), _row(rf"^{prefix}{SUFFIXED}", "$feedsvc_page")],
            default="$feedsvc_uri",
        ),
        "# Addresses that lead somewhere else.",
        *_map("$uri?$args", "known_query", _entries(rules.prefix, rules.leads_by_query)),
        *_map("$uri?$args", "renamed", (_row(f"(?i){_named(a)}", groups(b, "${g")) for a, b in rules.renamed)),
        *_map("$feedsvc_known_query $uri?$args", "moved_query", _SAME, default="$feedsvc_renamed"),
        *_map("$feedsvc_uri", "known", _entries(rules.prefix, rules.leads)),
        *_map("$feedsvc_known $feedsvc_uri", "moved", _SAME),
        "# A query that asks for a feed, or that may ask for less than the old feed of a path.",
        *_map(
            "$args", "query", [_row(FEED_QUERY, "feed "), *([_row(rules.narrowing, "- ")] if rules.narrowing else [])]
        ),
        *_map("$feedsvc_query$uri", "no_page", [_row(rf"^feed {prefix}/(?:index\.php)?$", "1")]),
        *_map("$feedsvc_uri", "known_feed", _entries(rules.prefix, rules.old_feeds)),
        *_map("$feedsvc_query$feedsvc_known_feed $feedsvc_uri", "old_feed", _SAME),
        *_map("$feedsvc_query$feedsvc_uri", "below", below),
    ]
    return "\n".join(lines) + "\n"


def _map(of: str, name: str, rows: Iterable[str], default: str = "") -> list[str]:
    """Return the lines of a map. Its keys come before its regular expressions, and these in their order."""
    return [f'map "{of}" $feedsvc_{name} {{', f'    default "{default}";', *rows, "}"]


def _row(pattern: str, value: str) -> str:
    return f'    "~{_quoted(pattern)}" "{value}";'


def _entries(prefix: str, addresses: Mapping[str, str]) -> list[str]:
    """Return the lines of a map of addresses (see `_SAME`): a key for each, which nginx finds at once."""
    keys = Counter((prefix + path).encode().lower() for path in addresses)
    lines = []
    for path, target in addresses.items():
        address = prefix + path
        key = address.encode().lower()
        # nginx refuses two keys that differ in case alone.
        if keys[key] > 1 or len(key) > _MAX_KEY:
            lines.append(_row(f"^{re.escape(address)}$", f"{target} ="))
        else:
            written = _quoted(address)
            value = written.replace("$", "${feedsvc_dollar}")
            lines.append(f'    "{written}" "{target} {value}";')
    return lines


def _named(pattern: str) -> str:
    """Return a regular expression whose first two groups have names: in a map, `$1` is another map's."""
    numbers = iter("12")
    return re.sub(r"(?<!\\)\((?!\?)", lambda _: f"(?<g{next(numbers)}>", pattern)


def _quoted(text: str) -> str:
    """Return a text, or a regular expression, for quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def server(rules: Rules) -> str:
    """Return what belongs into a `server` block of nginx, whose root is the export."""
    prefix, pattern = _quoted(rules.prefix.replace("$", "${feedsvc_dollar}")), re.escape(rules.prefix)
    lines = [
        f"# Made by feedsvc export. Include it in a server block whose root is {rules.root}.",
        "gzip_static on;",
        "# With the module of Debian's libnginx-mod-http-brotli-static: brotli_static on;",
        "if ($feedsvc_moved_query) { return 301 $feedsvc_moved_query; }",
        "if ($feedsvc_path) { rewrite ^ $feedsvc_path? last; }",
        f'error_page 404 "{prefix}/404.html";',
        f'error_page 410 "{prefix}/410.html";',
        f'location = "{_quoted(rules.prefix)}/404.html" {{ charset utf-8; }}',
        f'location = "{_quoted(rules.prefix)}/410.html" {{ charset utf-8; }}',
        f'location ~ "{_quoted(f"^{pattern}{HIDDEN}")}" {{ return 404; }}',
    ]
    for place in rules.places:
        lines += [f'location ~ "{_quoted(rf"^{pattern}{place.pattern}")}" {{']
        # Nobody may get an unfiltered feed in place of a slice.
        lines += ["    if ($feedsvc_asks) { return 404; }"] if place.pattern.startswith(routes.FEEDS) else []
        # A feed reader must get no page.
        lines += ["    if ($feedsvc_no_page) { return 404; }"] if place.pattern == "/" else []
        lines += [f'    types {{ }} default_type "{place.media_type}";'] if place.media_type else []
        if place.pattern == routes.MEDIA.prefix:
            types = " ".join(f"{each} {suffix[1:]};" for suffix, each in sorted(rules.media_types.items()))
            lines += [f"    types {{ {types} }}", "    gzip_static off;"]
        elif not place.media_type:
            lines += ["    charset utf-8;"]
        lines += [f'    add_header {name} "{value}" always;' for name, value in place.fields.items()]
        lines += ["    try_files $feedsvc_page $feedsvc_file $uri/index.html @feedsvc_moved;", "}"]
    lines += [
        "location @feedsvc_moved {",
        f"    if ($feedsvc_moved = {GONE}) {{ return 410; }}",
        f"    if ($feedsvc_moved = {MISSING}) {{ return 404; }}",
        *(
            f"    if (${each}) {{ return 301 ${each}; }}"
            for each in ("feedsvc_moved", "feedsvc_old_feed", "feedsvc_below")
        ),
        "    return 404;",
        "}",
    ]
    return "\n".join(lines) + "\n"
