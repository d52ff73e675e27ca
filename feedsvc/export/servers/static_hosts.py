"""The files `_headers` and `_redirects`, which Netlify and Cloudflare Pages read."""

from typing import Final
from urllib.parse import quote

from feedsvc.export.servers.rules import SAFE, Rules

# The longest list that Cloudflare Pages takes.
_MAX_REDIRECTS: Final = 2000


def headers(rules: Rules) -> str:
    """Return the file for Netlify and Cloudflare Pages, which add up all rules that match, the last one last."""
    lines = []
    for place in reversed(rules.places):
        lines.append(f"{rules.prefix}{place.glob}")
        # What a more general rule said is taken back first.
        lines += [f"  ! {name}" for name in place.fields if place.glob != "/*"]
        lines += [f"  {name}: {value}" for name, value in place.fields.items()]
        lines += [f"  Content-Type: {place.media_type}"] if place.media_type and place.glob != "/*" else []
    return "\n".join(lines) + "\n"


def redirects(rules: Rules) -> str:
    """Return the file for Netlify and Cloudflare Pages. Addresses with a query are not among what all hosts know."""
    rows = [f"{rules.prefix}{_encoded(source)} {target} 301" for source, target in rules.moved if "?" not in source]
    for source, target in rules.old_feeds:
        # Other systems end these paths with a slash, and hosts differ in whether one matters.
        ends = ("",) if "." in source.rpartition("/")[2] else ("", "/")
        rows += [f"{rules.prefix}{_encoded(source)}{end} {target} 301" for end in ends]
    rows += [f"{rules.prefix}{_encoded(source)}* {target} 301" for source, target in rules.below]
    rows += [f"{rules.prefix}{_encoded(source)} /410.html 410" for source in rules.gone if "?" not in source]
    left = max(0, len(rows) - _MAX_REDIRECTS)
    note = [f"# {left} more than Cloudflare Pages takes"] if left else []
    return "\n".join([*note, *rows]) + "\n"


def _encoded(path: str) -> str:
    return quote(path, safe=SAFE + "%")
