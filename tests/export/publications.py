"""A publication with what an export may stumble over, and exports of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from feedsvc.export.keys import MARK
from feedsvc.export.rendering import Renderer
from feedsvc.export.run import ExportReport, export, open_export
from feedsvc.export.target import Target, target_at
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import PICTURE

SITE = f"""redirect_presets = ["wordpress", "ghost", "jekyll", "hugo"]
{SITE_TOML}
[redirects]
"/old-feed" = "/feeds/chips.rss"
"/blog/*" = "/"
"/rss" = "/feeds/chips.rss"
"/feed/*" = "/"
"/?cat=3" = "/topics/cloud"

[export]
slices = [
    "all?tag=晶圓", "chips?lang=en&limit=3", "chips?topic=cloud", "all?tag=two words&tag=晶圓&lang=en&not=topic:cloud",
    "all?tag=晶圓&author=王小明&lang=en&not=topic:cloud&since=2026-08-01&until=2026-12-01&limit=7",
]
"""

TAGS = ("a/b", "two words", "?#%", "why?", "C#", "50%", "50%25", "[a]*", "🙂")

# In bytes as long as a slug may be, and too long for the name of a file with a suffix.
LONG = "長" * 85


def fill(publication: Publication, count: int = 32) -> None:
    """Write articles on two topics, in two languages and four months, with names of every script, and sync twice."""
    publication.write("site.toml", SITE)
    publication.write("articles/picture.svg", PICTURE)
    for number in range(count):
        publication.article(
            f"n{number}",
            f"Text {number} of a plain article, long enough for a copy that is compressed. " * 5,
            published=f"2026-{8 + number % 4:02}-{1 + number % 28:02} 10:00",
            topics="[chips]" if number % 3 else "[chips, cloud]",
            tags="[sand, 晶圓]" if number % 2 else f"[{', '.join(map(repr, TAGS))}]",
            authors="[王小明]" if number % 5 else "[Test desk]",
            language="en" if number % 2 else "zh-Hant",
        )
    publication.article(
        "hello", "![x](picture.svg)", slug="推論", aliases="[before, /2020/old.html, /Old-Feed]", title="推論"
    )
    publication.write("pages/about.md", "---\ntitle: About\naliases: [/who]\n---\nAbout [a text](/articles/n1).\n")
    publication.article("fresh", "Of today.", published="2026-11-01 18:00", language="en")
    publication.article("long", "Of the longest name.", slug=LONG)
    publication.article("bye", "Gone soon.", slug="bye")
    publication.sync()
    (publication.settings.content / "articles/bye.md").unlink()
    publication.sync(allow_removals=True)


def exported(publication: Publication, place: Path | str, *more: str, **options: Any) -> ExportReport:
    """Export the publication to a folder or a URL, once."""
    target = target_at(str(place), publication.settings)
    return exported_to(publication, target, *more, **options)


def exported_to(publication: Publication, target: Target, *more: str, **options: Any) -> ExportReport:
    """Export the publication to a target, once. `options` are those of `export`."""
    with open_export(target, publication.settings) as manifest:
        renderer = Renderer(publication.settings)
        return export(publication.store, target, manifest, publication.settings, renderer, more=more, **options)


def fresh(publication: Publication, place: Path) -> dict[str, bytes]:
    """Return the files of an export that remembers no other one."""
    state = place.with_name(f"{place.name}-state")
    settings = replace(publication.settings, state=state)
    target = target_at(str(place), settings)
    with open_export(target, settings) as manifest:
        export(publication.store, target, manifest, settings, Renderer(settings))
    return files(place)


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files of an export, by their paths in it."""
    found = {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    found.pop(MARK, None)
    return found
