"""The file for Caddy."""

import re
from typing import Final
from urllib.parse import unquote

from feedsvc import routes
from feedsvc.export.servers.rules import Rules, groups

# Where Caddy looks for the file of a path.
_FILES: Final = "{path}.html {path} {path}/index.html"
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


def caddyfile(rules: Rules) -> str:
    """Return what belongs into a site block of Caddy, whose root is the export."""
    prefix = rules.prefix
    lines = [
        f"# Made by feedsvc export. Import it in a site block whose root is {rules.root}.",
        "map {path}?{query} {feedsvc_path} {",
    ]
    lines += [f'    "~{_quoted(pattern)}" "{groups(path, "${")}"' for pattern, path in rules.asked]
    lines += ['    default ""', "}", "map {path} {feedsvc_moved} {"]
    lines += [f'    "~^{_quoted(re.escape(prefix + unquote(a)))}/*$" "{b}"' for a, b in rules.moved if "?" not in a]
    lines += [f'    "~^{_quoted(re.escape(prefix + a))}" "{b}"' for a, b in rules.below]
    lines += ['    default ""', "}", "map {path} {feedsvc_old_feed} {"]
    lines += [f'    "~^{_quoted(re.escape(prefix + unquote(a)))}/*$" "{b}"' for a, b in rules.old_feeds]
    lines += ['    default ""', "}", "map {query} {feedsvc_narrower} {"]
    lines += [f'    "~{rules.narrowing}" "1"'] if rules.narrowing else []
    lines += ['    default ""', "}", "map {path} {feedsvc_gone} {"]
    gone = [each for each in rules.gone if "?" not in each]
    lines += [f'    "~^{_quoted(re.escape(prefix + unquote(each)))}/*$" "410"' for each in gone]
    lines += ['    default ""', "}", "map {path}?{query} {feedsvc_moved_query} {"]
    lines += [f'    "~^{_quoted(re.escape(prefix + a))}$" "{b}"' for a, b in rules.moved if "?" in a]
    lines += ['    default ""', "}", *route(prefix)]
    for number, place in enumerate(reversed(rules.places)):
        lines += [f"    @place{number} path_regexp ^{prefix}{place.pattern}", f"    header @place{number} {{"]
        # The fields of all matchers add up.
        lines += [f"        -{name}" for name in rules.places[-1].fields if name not in place.fields]
        lines += [f"        {name} `{value}`" for name, value in place.fields.items()]
        lines += [f"        Content-Type `{place.media_type}`"] if place.media_type else []
        lines += ["    }"]
    lines += [*_FILE_OF_PATH, "    file_server {", "        precompressed br gzip", "    }", "}"]
    lines += [
        "handle_errors {",
        "    @page expression {http.error.status_code} in [404, 410]",
        f"    rewrite @page {prefix}/{{http.error.status_code}}.html",
        "    file_server",
        "}",
    ]
    return "\n".join(lines) + "\n"


def route(prefix: str) -> list[str]:
    """Return the beginning of the route: what is answered without a file."""
    return [
        "route {",
        '    @moved_query not vars {feedsvc_moved_query} ""',
        "    redir @moved_query {feedsvc_moved_query} 301",
        '    @asked not vars {feedsvc_path} ""',
        "    rewrite @asked {feedsvc_path}?",
        f"    @hidden path {prefix}/_headers {prefix}/_redirects {prefix}/.*",
        "    error @hidden 404",
        "    @unknown {",
        f"        path_regexp ^{prefix}{routes.FEEDS}[/.]",
        '        expression {http.request.uri.query} != ""',
        "    }",
        "    error @unknown 404",
        '    @gone not vars {feedsvc_gone} ""',
        "    error @gone 410",
        "    @old_feed {",
        "        not file {",
        f"            try_files {_FILES}",
        "        }",
        '        not vars {feedsvc_old_feed} ""',
        '        vars {feedsvc_narrower} ""',
        "    }",
        "    redir @old_feed {feedsvc_old_feed} 301",
        "    @moved {",
        "        not file {",
        f"            try_files {_FILES}",
        "        }",
        '        not vars {feedsvc_moved} ""',
        "    }",
        "    redir @moved {feedsvc_moved} 301",
    ]


def _quoted(pattern: str) -> str:
    """Return a regular expression for quotes, in which a backslash stands for itself."""
    return pattern.replace('"', '\\"')
