"""Random edits of a publication, and the addresses of everything that they may change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import quote

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import PICTURE, RESOURCES

TOPICS = ("chips", "cloud")
TAGS = ("sand", "晶圓", "rare")
AUTHORS = ("Test desk", "王小明")
NAMES = [f"a{number}" for number in range(9)]


# Years before now, since Last-Modified is never later than now, and edits let months pass.
BEGIN = datetime(2024, 3, 10, 12, 0, tzinfo=UTC)
SITE = SITE_TOML.replace("2026-01-01T00:00:00Z", "2024-01-01T00:00:00Z")


class Edits:
    """Changes the content folder of `publication`, and syncs."""

    def __init__(self, publication: Publication, random: Random) -> None:
        publication.now = BEGIN
        publication.write("site.toml", SITE)
        self.publication, self.random = publication, random
        self._pictures = 0
        self.media: set[str] = set()
        self.cursors: set[str] = set()

    def one(self) -> str:
        """Make one edit and sync. Return its name."""
        some: list[Callable[[], object]] = [
            *(self._write,) * 6,
            *(self._delete,) * 2,
            self._rename,
            self._site,
            self._wait,
        ]
        edit = self.random.choice(some)
        edit()
        self.publication.sync(allow_removals=True)
        with self.publication.store.read() as snapshot:
            self.cursors.add(str(snapshot.changes.cursor_at(snapshot.version().seq)))
        return edit.__name__

    def _write(self) -> None:
        """Write an article, new or over one, with other fields each time."""
        random, name = self.random, self.random.choice(NAMES)
        day = self.publication.now + timedelta(hours=9) - timedelta(days=random.choice((-1, 0, 0, 1, 20, 40, 70)))
        fields = {
            "title": f"{name} {random.randrange(9)}",
            "published": f"{day:%Y-%m-%d %H:%M}",
            "topics": f"[{', '.join(random.sample(TOPICS, random.choice((1, 1, 2))))}]",
            "tags": f"[{', '.join(random.sample(TAGS, random.randrange(3)))}]",
            "authors": f"[{random.choice(AUTHORS)}]",
            "language": random.choice(("en", "en", "zh-Hant")),
        }
        if random.random() < 0.2:
            fields["aliases"] = f"[old-{name}]"
        if random.random() < 0.2:
            fields["slug"] = f"{name}-{random.randrange(2)}"
        if random.random() < 0.2:
            fields["translation_of"] = random.choice(NAMES)
        if random.random() < 0.1:
            fields["draft"] = "true"
        if random.random() < 0.2:
            fields["expires"] = f"{self.publication.now + timedelta(days=random.randrange(1, 20)):%Y-%m-%d}"
        body = f"Text {random.randrange(9)} 推論."
        if random.random() < 0.3:
            self._pictures += random.randrange(2)
            picture = PICTURE.replace(b'r="4"', f'r="{self._pictures}"'.encode())
            self.publication.write(f"articles/p{self._pictures}.svg", picture)
            body += f"\n\n![x](p{self._pictures}.svg)"
        self.publication.article(name, body, **fields)

    def _delete(self) -> None:
        self.publication.settings.content.joinpath(f"articles/{self.random.choice(NAMES)}.md").unlink(missing_ok=True)

    def _rename(self) -> None:
        folder = self.publication.settings.content / "articles"
        files = sorted(folder.glob("*.md"))
        if files:
            self.random.choice(files).rename(folder / f"{self.random.choice(NAMES)}.md")

    def _site(self) -> None:
        """Change what documents show, or only what addresses lead to."""
        text = SITE
        choice = self.random.randrange(5)
        if choice == 0:
            text = text.replace('title = { en = "Chips"', 'title = { en = "Silicon"')
        elif choice == 1:
            text += '\n[redirects]\n"/old-blog" = "/feeds.opml"\n"/?p=7" = "/topics/chips"\n'
        elif choice == 2:
            text += 'aliases = ["clouds"]\n'
        elif choice == 3:
            text = text.replace('subtitle = "', 'subtitle = "New: ')
        self.publication.write("site.toml", text)

    def _wait(self) -> None:
        """Let articles become due or expire, periods end, tombstones grow old."""
        self.publication.now += timedelta(days=self.random.choice((1, 3, 31)))

    def urls(self) -> list[str]:
        """Return the addresses of all kinds of responses."""
        self.media.update(each.name for each in self.publication.settings.media_folder.glob("*.svg"))
        return list(dict.fromkeys(self._urls()))

    def _urls(self) -> Iterator[str]:
        yield from (each.path for each in RESOURCES)
        yield from (f"/media/{name}" for name in sorted(self.media))
        for name in NAMES:
            yield from (f"/articles/{name}", f"/articles/{name}-0", f"/articles/{name}-1", f"/articles/old-{name}")
            yield f"/articles/{name}?ui=zh-Hant"
        for suffix in ("rss", "atom", "json"):
            yield f"/feeds/all.{suffix}?limit=2"
        for after in sorted(self.cursors)[:3]:
            yield from (f"/feeds/all.json?after={after}", f"/feeds/cloud.atom?after={after}")
        for tag in TAGS:
            yield from (f"/tags/{quote(tag)}", f"/feeds/all.json?tag={quote(tag)}", f"/embed/all?tag={quote(tag)}")
        for author in AUTHORS:
            yield from (f"/authors/{quote(author)}", f"/feeds/all.atom?author={quote(author)}")
        yield from (
            "/feeds/all.json?not=topic:chips",
            "/feeds/all.json?q=%E6%8E%A8%E8%AB%96",
            "/feeds/all.json?lang=en",
        )
        months = [f"{self.publication.now - timedelta(days=days):%Y-%m}" for days in (0, 30, 60)]
        yield from (f"/feeds/{name}/{month}.atom" for name in ("all", *TOPICS) for month in months)
        yield from (f"/months/{month}" for month in months)
        yield from (
            "/old-blog",
            "/?p=7",
            "/?page=2",
            "/search?q=Text",
            "/topics/clouds",
            "/feeds/clouds.atom",
            "/nothing",
        )
        yield from ("/feeds.opml?lang=en", "/topics/cloud?ui=zh-Hant", "/sitemap-1.xml", "/subscribe", "/feeds/no.rss")
