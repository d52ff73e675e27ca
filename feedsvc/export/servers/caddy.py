"""The file for Caddy."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

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
from feedsvc.web.pages.page import HTML
from feedsvc.web.responses import CORS, PREFLIGHT

# The row of a map that changes nothing of its source.
_SAME: Final = '    "~(?s)^(.*)$" "${1}"'
# Where Caddy looks for the file of a path.
_FILES: Final = "{feedsvc_page} {feedsvc_file} {path}/index.html"
# What try_files finds is read as a URL again, and there a question mark begins a query. Such names are those of pages:
# in keys of feeds it is written as its number.
_FILE_OF_PATH: Final = (
    "    @question {",
    "        path_regexp [?]",
    "        file {",
    "            try_files {path}.html",
    "        }",
    "    }",
    "    uri @question path_regexp (.)$ $1.html",
    "    @file {",
    "        not path_regexp [?]",
    "        file {",
    f"            try_files {_FILES}",
    "        }",
    "    }",
    "    rewrite @file {http.matchers.file.relative}",
)
# What Caddy would read as an escape, or as a variable of its environment.
_NOT_PLAIN: Final = re.compile(r'["\\{}$]')


def caddyfile(rules: Rules) -> str:
    """Return what belongs into a site block of Caddy, whose root is the export."""
    prefix = re.escape(rules.prefix)
    below = [_row("^feed ", "")]
    below += [_row(rf"^- {prefix}(?:{rules.feed_paths})$", "")] if rules.feed_paths else []
    below += [_row(rf"^(?:- )?{prefix}(?:{OWN})", "")]
    below += [_row(rf"^(?:- )?{beginning(rules.prefix + source)}", target) for source, target in rules.below]
    queries = [_row(FEED_QUERY, "feed "), *([_row(rules.narrowing, "- ")] if rules.narrowing else [])]
    lines = [
        f"# Made by feedsvc export. Import it in a site block whose root is {rules.root}.",
        *_map("{path}", "uri", [_row(rf"(?s)^({prefix}/.+?)/+$", "${1}")], "{path}"),
        *_files(prefix),
        *_asked(prefix, rules),
        *_map("{feedsvc_uri}", "moved", _entries(rules.prefix, {**rules.leads_in_languages, **rules.leads})),
        *_map("{query}", "query", queries),
        *_map("{feedsvc_query}{path}", "no_page", [_row(rf"^feed {prefix}/(?:index\.php)?$", "1")]),
        *_map("{feedsvc_query}{feedsvc_uri}", "old_feed", _entries(rules.prefix, rules.old_feeds)),
        *_map("{feedsvc_query}{feedsvc_uri}", "below", below),
        *_map("{path}", "place", (_row(f"^{prefix}{each.pattern}", str(n)) for n, each in enumerate(rules.places))),
        *route(rules),
    ]
    for number, place in enumerate(rules.places):
        lines += [f"    @place{number} vars {{feedsvc_place}} {number}", f"    header @place{number} {{"]
        lines += [f"        {name} `{value}`" for name, value in place.fields.items()]
        lines += [f"        Content-Type `{place.media_type}`"] if place.media_type else []
        lines += ["    }"]
    lines += [*_FILE_OF_PATH, "    file_server {", "        precompressed br gzip", "    }", "}"]
    lines += [
        "handle_errors {",
        # The file server has pages of errors for these alone.
        "    @other not method GET HEAD",
        "    method @other GET",
        "    @page expression {http.error.status_code} in [404, 410]",
        # In errors, Caddy takes an encoded path for the name of a file.
        f'    rewrite @page "{rules.prefix}/{{http.error.status_code}}.html"',
        "    header {",
        *(f"        {name} `{value}`" for name, value in rules.errors.items()),
        f"        Content-Type `{HTML}`",
        "    }",
        "    file_server",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _asked(prefix: str, rules: Rules) -> list[str]:
    """Return the maps of what counts of a query, one for each run of parameters that mean nothing, and of its uses."""
    kinds = [_row(f"^{prefix}{pattern}", kind) for kind, pattern in PATHS_OF_KINDS.items()]
    kinds += [_row(f"^{prefix}(?:{rules.words})", "word")] if rules.words else []
    rows = [_row(rf"^({kind}.*?)(?:&(?:{each}))+((?:&.*)?)$", "${1}${2}") for kind, each in KINDS.items()]
    lines, source = _map("{path}", "kind", kinds, "page"), "{feedsvc_kind}&{query}"
    for number in range(RUNS):
        lines += _map(source, f"run{number}", rows, source)
        source = f"{{feedsvc_run{number}}}"
    return [
        *lines,
        *_map(source, "asked", [_row("^[a-z]+&?(.*)$", "${1}")]),
        *_in_order("in_order", rules.order),
        *_map(
            "{path}?{feedsvc_in_order}", "path", (_row(pattern, groups(path, "${")) for pattern, path in rules.asked)
        ),
        *_map("{feedsvc_kind}&{feedsvc_asked}", "asks", [_row(KNOWN, "")], "1"),
        *_map("{path}?{feedsvc_in_order}", "renamed", (_row(f"(?i){a}", groups(b, "${")) for a, b in rules.renamed)),
        *_in_order("query_in_order", rules.order_of_old),
        *_map(
            "{path}?{feedsvc_query_in_order}",
            "moved_query",
            _entries(rules.prefix, rules.leads_by_query),
            "{feedsvc_renamed}",
        ),
    ]


def _in_order(name: str, steps: Iterable[tuple[str, str]]) -> list[str]:
    """Return the maps of a query with its parameters in their order, one for each step."""
    lines: list[str] = []
    source = "&{feedsvc_asked}"
    for number, (pattern, query) in enumerate(steps):
        lines += _map(source, f"{name}{number}", [_row(pattern, groups(query, "${"))], source)
        source = f"{{feedsvc_{name}{number}}}"
    return [*lines, *_map(source, name, [_row("^&(.*)$", "${1}")])]


def _files(prefix: str) -> list[str]:
    """Return the maps of the files that are looked for at a path."""
    # Caddy reads no variable in what a regular expression gives.
    of_feed, suffixed = (rf"(?s)^({prefix}{OF_FEEDS}.*)$", "${1}"), (rf"(?s)^({prefix}{SUFFIXED})", "${1}.html")
    return [
        *_map("{feedsvc_uri}", "page", [_row(rf"^({prefix}{ERRORS})", "${1}")], "{feedsvc_uri}.html"),
        *_map("{feedsvc_uri}", "file", [_row(*of_feed), _row(*suffixed)], "{feedsvc_uri}"),
    ]


def _map(of: str, name: str, rows: Iterable[str], default: str = "") -> list[str]:
    # As its default, Caddy would make the source a second time: of a map of a map of a map, eight times.
    same, default = ([_SAME], "") if default == of else ([], default)
    return [f'map "{of}" {{feedsvc_{name}}} {{', *rows, *same, f'    default "{default}"', "}"]


def _row(pattern: str, value: str) -> str:
    return f'    "~{_quoted(pattern)}" "{value}"'


def _entries(prefix: str, addresses: Mapping[str, str]) -> list[str]:
    """Return the lines of a map of addresses. Caddy compares a plain one in less time than a regular expression."""
    lines: list[str] = []
    for path, target in addresses.items():
        address = prefix + path
        is_plain = _NOT_PLAIN.search(address) is None
        lines.append(f'    "{address}" "{target}"' if is_plain else _row(f"^{re.escape(address)}$", target))
    return lines


def first_fields(prefix: str) -> list[str]:
    """Return the header fields of redirects, and those of what scripts of any page may read, with any status.

    Files and errors replace those of redirects. `prefix` is a regular expression.
    """
    return [
        f'    @shared path_regexp "{_quoted(f"^{prefix}{SHARED_PATHS}")}"',
        "    header @shared {",
        *(f"        {name} `{value}`" for name, value in CORS.items()),
        "    }",
        "    header {",
        *(f"        {name} `{value}`" for name, value in MOVED.items()),
        "    }",
    ]


def _methods(number: int, prefix: str, conditions: Iterable[str]) -> list[str]:
    """Return the answers to OPTIONS, and to other methods that nothing has, where one of the conditions holds."""
    lines: list[str] = []
    for each in conditions:
        name = f"other{number}_{len(lines)}"
        lines += [
            f"    @{name} {{",
            "        not method GET HEAD",
            f"        {each}",
            "    }",
            f"    vars @{name} feedsvc_there {number}",
        ]
    options, preflight = (
        [f"        {name} `{value}`" for name, value in some.items()] for some in (OPTIONS, PREFLIGHT)
    )
    there = f"        vars feedsvc_there {number}"
    return [
        *lines,
        f"    @there{number} vars feedsvc_there {number}",
        f"    header @there{number} {{",
        *options,
        "    }",
        f"    @options{number} {{",
        "        method OPTIONS",
        there,
        "    }",
        f"    @preflight{number} {{",
        "        method OPTIONS",
        there,
        f'        path_regexp "{_quoted(f"^{prefix}{SHARED_PATHS}")}"',
        "    }",
        f"    header @preflight{number} {{",
        *preflight,
        "    }",
        f"    respond @options{number} 200",
        f"    respond @there{number} 405",
    ]


def _without_file(name: str, condition: str, answer: str) -> list[str]:
    no_file = ["        not file {", f"            try_files {_FILES}", "        }"]
    return [f"    @{name} {{", *no_file, f"        {condition}", "    }", f"    {answer}"]


def route(rules: Rules) -> list[str]:
    """Return the beginning of the route: what is answered without a file."""
    prefix = re.escape(rules.prefix)
    lines = [
        "route {",
        *first_fields(prefix),
        *_methods(
            1, prefix, [f'path_regexp "{_quoted(f"^{prefix}{ROUTED}")}"', f'not vars {{feedsvc_moved_query}} "" {GONE}']
        ),
        f"    @gone_query vars {{feedsvc_moved_query}} {GONE}",
        "    error @gone_query 410",
        *([f'    @base path_regexp "{_quoted(f"^{prefix}$")}"', f"    redir @base {rules.home} 301"] * bool(prefix)),
        '    @moved_query not vars {feedsvc_moved_query} ""',
        "    redir @moved_query {feedsvc_moved_query} 301",
        '    @asked not vars {feedsvc_path} ""',
        "    rewrite @asked {feedsvc_path}?",
        f'    @hidden path_regexp "{_quoted(f"^{prefix}{HIDDEN}")}"',
        "    error @hidden 404",
        '    @unknown not vars {feedsvc_asks} ""',
        "    error @unknown 404",
        '    @no_page not vars {feedsvc_no_page} ""',
        "    error @no_page 404",
    ]
    leads = {name: f'not vars {{feedsvc_{name}}} ""' for name in ("moved", "old_feed", "below")}
    lines += _without_file(GONE, f"vars {{feedsvc_moved}} {GONE}", "error @gone 410")
    lines += _without_file(MISSING, f"vars {{feedsvc_moved}} {MISSING}", "error @missing 404")
    lines += _methods(2, prefix, [f"file {_FILES}", *leads.values()])
    for name, condition in leads.items():
        lines += _without_file(name, condition, f"redir @{name} {{feedsvc_{name}}} 301")
    # The file server would take the path for that of a file.
    lines += [
        "    @suffixed {",
        f'        path_regexp "{_quoted(f"^{prefix}{SUFFIXED}")}"',
        f'        not path_regexp "{_quoted(f"^{prefix}{OF_FEEDS}")}"',
        "        not file {feedsvc_page}",
        "    }",
        "    error @suffixed 404",
    ]
    return lines


def _quoted(pattern: str) -> str:
    """Return a regular expression for quotes, in which a backslash stands for itself.

    `{$` would be a variable of the environment, also where the dollar sign is the end of the pattern.
    """
    return pattern.replace('"', '\\"').replace(r"\{", "[{]")
