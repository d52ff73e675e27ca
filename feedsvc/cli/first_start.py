"""What `feedsvc serve` prints at the first start of a publication: what is live, where to look, what to try next."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from feedsvc.cli.common import called_as
from feedsvc.model import Site
from feedsvc.slices.slice import ALL
from feedsvc.urls import Addresses


def first_start_lines(site: Site, live: int, own_url: str, content: Path) -> Iterator[str]:
    """Yield the lines. `live` counts articles; `own_url` is where this server answers, also with a `base_url`."""
    here = Addresses(own_url)
    command = shlex.quote(called_as())
    articles = shlex.quote(str(content / "articles"))
    yield f"{'no' if not live else f'{live:,}'} article{'' if live == 1 else 's'} {'is' if live == 1 else 'are'} live"
    yield f"  front page: {here.home}"
    yield f"  a feed for your reader: {here.feed(ALL, 'atom')}"
    yield f"  all addresses, for scripts: {here.docs}"
    yield "try next:"
    if live:
        yield f"  change a file in {articles} and save it: it is published at once"
    else:
        yield f"  {command} new TITLE --topic {site.topics[0].name if site.topics else 'NAME'}: a draft in {articles}"
    if site.sample:
        yield f"  {command} init ../my-news: a publication of your own, since this is a sample"
