"""The files `_headers` and `_redirects`, which Netlify and Cloudflare Pages read."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from feedsvc.export.servers.rules import GONE, MISSING, Rules

# What stands in a source as it is: a colon would begin a placeholder, and an asterisk means any text.
_SAFE: Final = "/@!$&'()+,;=~-._"
# The numbers of redirects that hosts take: Cloudflare Pages with and without a *, GitLab Pages, which reads none of a
# longer list.
_CLOUDFLARE: Final = (2000, 100)
_GITLAB: Final = 1000


def headers(rules: Rules) -> str:
    """Return the file for Netlify and Cloudflare Pages, which add up all rules that match, the last one last."""
    lines = []
    names = list(dict.fromkeys(name for each in rules.places for name in each.fields))
    for place in reversed(rules.places):
        if place.glob is None:
            continue
        lines.append(f"{rules.encoded_prefix}{place.glob}")
        # What a more general rule said is taken back first.
        lines += [f"  ! {name}" for name in names if place != rules.places[-1]]
        lines += [f"  {name}: {value}" for name, value in place.fields.items()]
        lines += [f"  Content-Type: {place.media_type}"] if place.media_type else []
    return "\n".join(lines) + "\n"


def redirects(rules: Rules) -> str:
    """Return the file for Netlify and Cloudflare Pages, which take the first row that fits.

    Addresses with a query are not among what all hosts know. Cloudflare Pages counts each row after one with a * as one
    of these, and does not know 410.
    """
    rows = [f"{_source(rules, source)} {url} 301" for source, url in rules.leads.items() if url not in (GONE, MISSING)]
    for source, url in rules.old_feeds.items():
        # Other systems end these paths with a slash, and hosts differ in whether one matters.
        ends = ("",) if "." in source.rpartition("/")[2] else ("", "/")
        rows += [f"{_source(rules, source)}{end} {url} 301" for end in ends]
    gone = f"{rules.encoded_prefix}/410.html 410"
    rows += [f"{_source(rules, source)} {gone}" for source, url in rules.leads.items() if url == GONE]
    rows += [f"{_source(rules, source)}* {url} 301" for source, url in rules.below if url]
    return "\n".join([*(f"# {each}" for each in too_many(rules)), *rows]) + "\n"


def too_many(rules: Rules) -> Iterator[str]:
    """Yield a line for each host that does not take all redirects, with what to do."""
    plain = len(rules.leads) + sum(1 if "." in each.rpartition("/")[2] else 2 for each in rules.old_feeds)
    patterns, (most, most_patterns) = len(rules.below), _CLOUDFLARE
    cure = "remove aliases and [redirects] that nobody asks for, or serve the export with nginx or Caddy"
    if plain > most or patterns > most_patterns:
        has = f"{plain:,} redirects and {patterns:,} with *"
        yield f"{has}: Cloudflare Pages takes the first {most:,} and {most_patterns:,} ({cure})"
    if plain + patterns > _GITLAB:
        yield f"{plain + patterns:,} redirects: GitLab Pages takes {_GITLAB:,} and reads none of more ({cure})"


def _source(rules: Rules, path: str) -> str:
    return rules.encoded_prefix + quote(path, safe=_SAFE)
