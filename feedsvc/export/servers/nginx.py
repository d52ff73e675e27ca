"""The files for nginx: maps for its `http` block, and locations for a `server` block."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from feedsvc import routes
from feedsvc.export.servers.old_feeds import FEED_QUERY
from feedsvc.export.servers.rules import (
    ERRORS,
    GONE,
    HIDDEN,
    KINDS,
    KNOWN,
    MISSING,
    MOVED,
    OF_FEEDS,
    OPTIONS,
    OWN,
    PATHS_OF_KINDS,
    ROUTED,
    RUNS,
    SHARED_PATHS,
    SUFFIXED,
    Rules,
    beginning,
    groups,
)
from feedsvc.web.responses import CORS, PREFLIGHT

_HEAD: Final = (
    "# Made by feedsvc export. Include it in the http block, and nginx-server.conf in a server block.",
    "map_hash_max_size 65536;",
    "map_hash_bucket_size 1024;",
    "# The values of maps cannot have a dollar sign otherwise.",
    'geo $feedsvc_dollar { default "$"; }',
    "# A path with a query of the service: the path of the file that shows the same.",
)
# Where redirects of addresses with a query are answered, with their header fields.
_MOVED: Final = "/.moved"
# The variables of the fields of what scripts of any page may read, with the names and values of these.
_SHARED_FIELDS: Final = {
    name.lower().replace("-", "_"): (name, value) for name, value in {**CORS, **PREFLIGHT}.items() if value != "*"
}
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
        *_HEAD,
        *_asked(prefix, rules),
        "# A variable keeps its first value, also when the query became a part of the path.",
        *_map("$args", "asks", ['    "" "";'], default="$feedsvc_unknown"),
        *_map("$uri", "uri", [f'    "~{_quoted(rf"(?s)^(?<g0>{prefix}/.+?)/+$")}" $g0;'], default="$uri"),
        "# What scripts of any page may read, with any status.",
        *_map("$request_uri", "shared", [_row(f"^{re.escape(rules.encoded_prefix)}{SHARED_PATHS}", "*")]),
        *chain.from_iterable(_map("$feedsvc_shared", a, [f'    "*" "{b}";']) for a, (_, b) in _SHARED_FIELDS.items()),
        "# The files that are looked for at a path.",
        *_map("$feedsvc_uri", "page", [_row(rf"^{prefix}{ERRORS}", "$feedsvc_uri")], default="$feedsvc_uri.html"),
        *_map(
            "$feedsvc_uri",
            "file",
            [_row(rf"^{prefix}{OF_FEEDS}", "$feedsvc_uri"), _row(rf"^{prefix}{SUFFIXED}", "$feedsvc_page")],
            default="$feedsvc_uri",
        ),
        "# Addresses that lead somewhere else.",
        *_map("$feedsvc_uri", "known", _entries(rules.prefix, {**rules.leads_in_languages, **rules.leads})),
        *_map("$feedsvc_known $feedsvc_uri", "moved", _SAME),
        "# Methods but GET and HEAD, at a route of the service, and where an address leads somewhere else.",
        *_map("$request_method", "method", ['    "GET" "";', '    "HEAD" "";'], default="1"),
        *_map("$feedsvc_method $uri", "routed", [_row(rf"(?s)^1 {prefix}{ROUTED}", "1")]),
        *_map("$feedsvc_method $feedsvc_moved$feedsvc_old_feed$feedsvc_below", "leads", [_row("(?s)^1 .", "1")]),
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


def _asked(prefix: str, rules: Rules) -> list[str]:
    """Return the maps of what counts of a query, one for each run of parameters that mean nothing, and of its uses."""
    kinds = [_row(f"^{prefix}{pattern}", kind) for kind, pattern in PATHS_OF_KINDS.items()]
    kinds += [_row(f"^{prefix}(?:{rules.words})", "word")] if rules.words else []
    rows = [_row(rf"^(?<g1>{kind}.*?)(?:&(?:{each}))+(?<g2>(?:&.*)?)$", "$g1$g2") for kind, each in KINDS.items()]
    lines, source = _map("$uri", "kind", kinds, default="page"), "$feedsvc_kind&$args"
    for number in range(RUNS):
        lines += _map(source, f"run{number}", rows, default=source)
        source = f"$feedsvc_run{number}"
    return [
        *lines,
        *_map(source, "asked", [_row("^[a-z]+&?(?<g1>.*)$", "$g1")]),
        *_in_order("in_order", rules.order),
        *_map(
            "$uri?$feedsvc_in_order",
            "path",
            (_row(_named(pattern), groups(path, "${g")) for pattern, path in rules.asked),
        ),
        *_map("$feedsvc_kind&$feedsvc_asked", "unknown", [_row(KNOWN, "")], default="1"),
        "# Addresses with a query that lead somewhere else.",
        *_in_order("query_in_order", rules.order_of_old),
        *_map("$uri?$feedsvc_query_in_order", "known_query", _entries(rules.prefix, rules.leads_by_query)),
        *_map(
            "$uri?$feedsvc_in_order", "renamed", (_row(f"(?i){_named(a)}", groups(b, "${g")) for a, b in rules.renamed)
        ),
        *_map("$feedsvc_known_query $uri?$feedsvc_query_in_order", "moved_query", _SAME, default="$feedsvc_renamed"),
    ]


def _in_order(name: str, steps: Iterable[tuple[str, str]]) -> list[str]:
    """Return the maps of a query with its parameters in their order, one for each step."""
    lines: list[str] = []
    source = "&$feedsvc_asked"
    for number, (pattern, query) in enumerate(steps):
        lines += _map(source, f"{name}{number}", [_row(_named(pattern), groups(query, "${g"))], default=source)
        source = f"$feedsvc_{name}{number}"
    return [*lines, *_map(source, name, [_row("^&(?<g1>.*)$", "$g1")])]


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
    """Return a regular expression whose groups have names: in a map, `$1` is another map's."""
    numbers = iter("1234")
    return re.sub(r"(?<!\\)\((?!\?)", lambda _: f"(?<g{next(numbers)}>", pattern)


def _fields(fields: Mapping[str, str], *, is_cors: bool = False, is_preflight: bool = False) -> list[str]:
    """Return the lines of header fields: a location has those of the server block only if it has none itself."""
    found = [f'    add_header {name} "{value}" always;' for name, value in fields.items()]
    # nginx sends no field whose value is empty.
    shared = [("Access-Control-Allow-Origin", "shared"), *((name, each) for each, (name, _) in _SHARED_FIELDS.items())]
    wanted = {*CORS, *PREFLIGHT} if is_preflight else {*CORS}
    return found + [
        f"    add_header {name} $feedsvc_{each} always;" for name, each in shared if is_cors and name in wanted
    ]


def _quoted(text: str) -> str:
    """Return a text, or a regular expression, for quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def answers(rules: Rules) -> list[str]:
    """Return the locations of what is answered without a file, which no address leads to: redirects and errors."""
    place = _quoted(rules.prefix)
    lines = [f'location = "{place}{_MOVED}" {{', "    internal;", *_fields(MOVED, is_cors=True)]
    lines += [f"    if ($feedsvc_moved_query = {GONE}) {{ return 410; }}", "    if ($feedsvc_method) { return 405; }"]
    lines += ["    return 301 $feedsvc_moved_query;", "}"]
    options = [f"    {each}" for each in _fields(OPTIONS, is_cors=True, is_preflight=True)]
    # nginx itself answers 405 where there is a file.
    lines += ["error_page 405 = @feedsvc_method;", "location @feedsvc_method {", '    default_type "";']
    lines += ["    if ($request_method = OPTIONS) {", *options, "        return 200;", "    }"]
    lines += [*_fields(OPTIONS, is_cors=True), "    return 405;", "}"]
    # nginx would redirect to its own name and port.
    if rules.prefix:
        home = rules.home.replace("$", "%24")
        lines += [f'location = "{place}" {{', *_fields(MOVED), f'    return 301 "{home}";', "}"]
    for status in (404, 410):
        lines += [
            f'error_page {status} "{place.replace("$", "${feedsvc_dollar}")}/{status}.html";',
            f'location = "{place}/{status}.html" {{',
            "    internal;",
            "    charset utf-8;",
            *_fields(rules.errors, is_cors=True),
            "}",
        ]
    return lines


def server(rules: Rules) -> str:
    """Return what belongs into a `server` block of nginx, whose root is the export."""
    prefix, pattern = _quoted(rules.prefix.replace("$", "${feedsvc_dollar}")), re.escape(rules.prefix)
    errors = _quoted(rf"{pattern}/4(?:04|10)\.html$")
    lines = [
        f"# Made by feedsvc export. Include it in a server block whose root is {rules.root}.",
        "gzip_static on;",
        "gzip_vary on;",
        "# With the module of Debian's libnginx-mod-http-brotli-static: brotli_static on;",
        "if ($feedsvc_routed) { return 405; }",
        # The page of an error comes here again.
        f'if ($feedsvc_moved_query) {{ rewrite "^(?!{errors})" "{prefix}{_MOVED}?" last; }}',
        "if ($feedsvc_path) { rewrite ^ $feedsvc_path? last; }",
        *answers(rules),
        f'location ~ "{_quoted(f"^{pattern}{HIDDEN}")}" {{ return 404; }}',
    ]
    for place in rules.places:
        lines += [f'location ~ "{_quoted(rf"^{pattern}{place.pattern}")}" {{']
        # Nobody may get an unfiltered feed in place of a slice.
        is_asked = place.pattern.startswith((routes.FEEDS, routes.EMBED.prefix))
        lines += ["    if ($feedsvc_asks) { return 404; }"] if is_asked else []
        # A feed reader must get no page.
        lines += ["    if ($feedsvc_no_page) { return 404; }"] if place.pattern in ("/", "/$") else []
        lines += [f'    types {{ }} default_type "{place.media_type}";'] if place.media_type else []
        if place.pattern == routes.MEDIA.prefix:
            types = " ".join(f"{each} {suffix[1:]};" for suffix, each in sorted(rules.media_types.items()))
            lines += [f"    types {{ {types} }}", "    gzip_static off;"]
        elif not place.media_type:
            lines += ["    charset utf-8;"]
        lines += _fields(place.fields)
        lines += ["    try_files $feedsvc_page $feedsvc_file $uri/index.html @feedsvc_moved;", "}"]
    lines += [
        "location @feedsvc_moved {",
        *_fields(MOVED, is_cors=True),
        f"    if ($feedsvc_moved = {GONE}) {{ return 410; }}",
        f"    if ($feedsvc_moved = {MISSING}) {{ return 404; }}",
        "    if ($feedsvc_leads) { return 405; }",
        *(
            f"    if (${each}) {{ return 301 ${each}; }}"
            for each in ("feedsvc_moved", "feedsvc_old_feed", "feedsvc_below")
        ),
        "    return 404;",
        "}",
    ]
    return "\n".join(lines) + "\n"
