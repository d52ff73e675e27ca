"""The files for nginx: maps for its `http` block, and locations for a `server` block."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from feedsvc import routes
from feedsvc.export.servers.rules import Rules, groups


def maps(rules: Rules) -> str:
    """Return what belongs into the `http` block of nginx."""
    lines = [
        "# Made by feedsvc export. Include it in the http block, and nginx-server.conf in a server block.",
        "map_hash_max_size 65536;",
        "map_hash_bucket_size 1024;",
        "# A path with a query of the service: the path of the file that shows the same.",
        "map $uri?$args $feedsvc_path {",
        '    default "";',
    ]
    for pattern, path in rules.asked:
        lines.append(f'    "~{_named(pattern)}" "{groups(path, "${g")}";')
    lines += ["}", "map $uri $feedsvc_uri {", "    default $uri;", '    "~^(?<g0>/.*?)/+$" $g0;', "}"]
    with_query = [pair for pair in rules.moved if "?" in pair[0]]
    without = [pair for pair in rules.moved if "?" not in pair[0]]
    lines += ["map $uri?$args $feedsvc_moved_query {", '    default "";']
    lines += _entries((rules.prefix + source, target) for source, target in with_query)
    lines += ["}", "map $feedsvc_uri $feedsvc_moved {", '    default "";']
    lines += _entries((rules.prefix + unquote(source), target) for source, target in without)
    lines += [f'    "~^{re.escape(rules.prefix + source)}" "{target}";' for source, target in rules.below]
    lines += ["}", "# A query that may ask for less than the old feed of a path.", "map $args $feedsvc_narrower {"]
    lines += ['    default "";', *([f'    "~{rules.narrowing}" 1;'] if rules.narrowing else [])]
    lines += ["}", "map $feedsvc_uri?$feedsvc_narrower $feedsvc_old_feed {", '    default "";']
    lines += _entries((f"{rules.prefix}{unquote(source)}?", target) for source, target in rules.old_feeds)
    lines += ["}", "map $feedsvc_uri $feedsvc_gone {", '    default "";']
    lines += _entries((rules.prefix + unquote(each), "1") for each in rules.gone if "?" not in each)
    return "\n".join([*lines, "}"]) + "\n"


def _entries(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of a map. nginx ignores the case of ASCII letters in keys and refuses two that are equal then.

    Where their targets differ, regular expressions tell them apart.
    """
    by_key: dict[bytes, dict[str, str]] = {}
    for key, target in pairs:
        by_key.setdefault(key.encode().lower(), {})[key] = target
    lines = []
    for some in by_key.values():
        first, *others = some.items()
        if all(target == first[1] for _, target in others):
            lines.append(f'    "{_quoted(first[0])}" "{first[1]}";')
        else:
            lines += [f'    "~^{_in_quotes(re.escape(key))}$" "{target}";' for key, target in some.items()]
    return lines


def _named(pattern: str) -> str:
    """Return a regular expression whose first two groups have names: in a map, `$1` is another map's."""
    numbers = iter("12")
    named = re.sub(r"(?<!\\)\((?!\?)", lambda _: f"(?<g{next(numbers)}>", pattern)
    return _in_quotes(named)


def _in_quotes(pattern: str) -> str:
    """Return a regular expression for quotes, in which a backslash stands for itself."""
    return pattern.replace('"', '\\"')


def _quoted(text: str) -> str:
    """Return a text for quotes. A key that begins with ~ would be a regular expression; here all begin with a slash."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def server(rules: Rules) -> str:
    """Return what belongs into a `server` block of nginx, whose root is the export."""
    prefix = rules.prefix
    lines = [
        f"# Made by feedsvc export. Include it in a server block whose root is {rules.root}.",
        "gzip_static on;",
        "# With the module of Debian's libnginx-mod-http-brotli-static: brotli_static on;",
        "if ($feedsvc_moved_query) { return 301 $feedsvc_moved_query; }",
        "if ($feedsvc_path) { rewrite ^ $feedsvc_path? last; }",
        f"error_page 404 {prefix}/404.html;",
        f"error_page 410 {prefix}/410.html;",
        f"location = {prefix}/404.html {{ charset utf-8; }}",
        f"location = {prefix}/410.html {{ charset utf-8; }}",
        f"location ~ ^{prefix}/(?:_headers|_redirects|\\.) {{ return 404; }}",
    ]
    for place in rules.places:
        lines += [f"location ~ ^{prefix}{place.pattern} {{"]
        # Nobody may get an unfiltered feed in place of a slice.
        lines += ['    if ($args != "") { return 404; }'] if place.pattern.startswith(routes.FEEDS) else []
        lines += ["    if ($feedsvc_gone) { return 410; }"] if place.pattern == "/" else []
        lines += [f'    types {{ }} default_type "{place.media_type}";'] if place.media_type else []
        if place.pattern == routes.MEDIA.prefix:
            types = " ".join(f"{each} {suffix[1:]};" for suffix, each in sorted(rules.media_types.items()))
            lines += [f"    types {{ {types} }}", "    gzip_static off;"]
        elif not place.media_type:
            lines += ["    charset utf-8;", "    charset_types text/css text/javascript application/javascript"]
            lines[-1] += " application/xml text/xml text/plain;"
        lines += [f'    add_header {name} "{value}" always;' for name, value in place.fields.items()]
        lines += ["    try_files $uri.html $uri $uri/index.html @feedsvc_moved;", "}"]
    lines += [
        "location @feedsvc_moved {",
        "    if ($feedsvc_old_feed) { return 301 $feedsvc_old_feed; }",
        "    if ($feedsvc_moved) { return 301 $feedsvc_moved; }",
        "    return 404;",
        "}",
    ]
    return "\n".join(lines) + "\n"
