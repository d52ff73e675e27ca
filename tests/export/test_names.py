"""Each document of an export has a file of its own, whatever tags, people, articles and topics are called."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import quote, unquote

import pytest

from feedsvc.export.keys import key_of
from feedsvc.export.objects import object_name
from feedsvc.export.plan import Plan, exported_slices, interface_languages
from feedsvc.slices.grammar import slice_written, spelled
from feedsvc.store import Touched
from feedsvc.text import MAX_NAME
from tests.conftest import SITE_TOML, Publication
from tests.export.links import BASE, dangling
from tests.export.publications import exported, exported_to, files
from tests.export.test_folder import IgnoresCase

# Parts of names that mean something in paths of an export, to servers or to file systems.
PARTS = (
    *(
        "x",
        "X",
        "page",
        "2",
        "index",
        "lang-en",
        "feeds",
        "tags",
        "en",
        "zh-Hant",
        "404",
        "~(2f)",
        "limit-5",
        "2026-10",
    ),
    *("x.html", "index.html", "x.HTML", "x.html.gz", "x.atom", "x.atom.gz", ".", "..", "", ".feedsvc-export-1-1"),
    *("caf\u00e9", "cafe\u0301", "\u00df", "ss", "\u5b57", "\u8cc7" * 80, "x" * 200, "?", "%2F", "a b", "\U0001f642"),
)
SITE = f"""{SITE_TOML}
[topics.index]
title = "Index"

[topics.page]
title = "Page"
"""


SLUGS = ("x", "X", "index", "404", "x.html", "page", "en", "\u8cc7" * 85)


def _name(random: Random) -> str:
    """Return a name that an article may have: it is a part of an address."""
    while True:
        name = "/".join(random.choice(PARTS) for _ in range(random.choice((1, 1, 2, 3))))
        if name not in ("", ".", "..") and len(name) <= MAX_NAME:
            return name


def _fill(publication: Publication, random: Random) -> list[str]:
    """Write articles with random names, and sync. Return random slices of them."""
    publication.write("site.toml", SITE)
    tags, people = [_name(random) for _ in range(40)], [_name(random) for _ in range(20)]
    slugs = [*SLUGS, *(f"a{number}" for number in range(16))]
    for slug in slugs:
        publication.article(
            f"of-{slug[:20]}",
            published=f"2026-{random.randrange(7, 11):02}-{random.randrange(1, 28):02} 10:00",
            topics=f"[{random.choice(('chips', 'cloud', 'index', 'page'))}]",
            tags=json.dumps(["x", *random.sample(tags, 6)], ensure_ascii=False),
            authors=json.dumps([random.choice(people)], ensure_ascii=False),
            language=random.choice(("en", "zh-Hant", "ja")),
            slug=slug,
        )
    publication.article("last", tags="['x/page/2', 'x/page/2/page/2']", slug="x.html.gz")
    publication.write("pages/about.md", "---\ntitle: About\n---\nAbout.\n")
    assert [each for each in publication.sync().problems if each.finding.severity == "error"] == []
    with publication.store.read() as snapshot:
        some = random.sample(snapshot.catalogue.values("tag"), 8)
    asked = [f"all?tag={quote(each, safe='')}" for each in some]
    asked += [f"all?tag={quote(each, safe='')}&limit=5" for each in some]
    return [*asked, "chips?limit=5", "chips?body=summary", "index?limit=5", "all?lang=ja&limit=5"]


@pytest.mark.parametrize("seed", range(8))
def test_no_two_addresses_have_one_file(publication: Publication, seed: int) -> None:
    """Nor is a file where a folder has to be, nor do two addresses have one object; servers find each by its path."""
    asked = _fill(publication, Random(seed))
    with publication.store.read() as snapshot:
        slices = exported_slices(snapshot, snapshot.site(), list(map(slice_written, asked)))
        site = replace(snapshot.site(), exported=frozenset(map(spelled, slices)))
        snapshot.show(site)
        plan = Plan(snapshot, site, interface_languages(site), slices)
        planned = [each for _, some in plan.groups(Touched(everything=True)) for each in some]
        planned += [each for _, some in plan.articles() for each in some]
    keys = [each.key for each in planned] + ["404.html", "410.html", "_headers", "_redirects", ".servers/Caddyfile"]
    assert len(keys) > 500
    assert sorted(set(keys)) == sorted(keys)
    names = list(map(object_name, keys))
    assert sorted(set(names)) == sorted(names)
    written = {f"{key}{copy}" for key in keys for copy in ("", ".gz", ".br")}
    for key in written:
        assert not {str(folder) for folder in Path(key).parents} & written, key
        assert all(len(part.encode()) <= 255 for part in key.split("/"))
        assert unicodedata.is_normalized("NFC", key)
    for key in keys:
        path = (
            f"/{object_name(key)}".removesuffix("index.html") if key.endswith("/index.html") else f"/{object_name(key)}"
        )
        looked_for = [f"{path.rstrip('/')}.html"[1:], path[1:], f"{path.rstrip('/')}/index.html"[1:]]
        assert next(each for each in looked_for if each in keys) == key, path


@pytest.mark.parametrize("seed", range(3))
def test_no_two_files_differ_in_case_alone_where_it_does_not_count(
    publication: Publication, tmp_path: Path, seed: int
) -> None:
    asked = _fill(publication, Random(seed))
    report = exported_to(publication, IgnoresCase(tmp_path / "out", []), *asked)
    with_case = exported(publication, tmp_path / "with-case", *asked)
    folded = {unicodedata.normalize("NFC", key).casefold() for key in files(tmp_path / "with-case")}
    assert len(folded) < len(files(tmp_path / "with-case"))
    assert {key.casefold() for key in files(tmp_path / "out")} == folded
    assert {*with_case.left_out} < {*report.left_out}


def test_further_pages_of_a_tag_are_not_another_tag(publication: Publication, tmp_path: Path) -> None:
    for number in range(22):
        publication.article(f"a{number}", tags="[x, y]", authors="[me]", topics="[chips]")
    publication.article("other", tags="[x/page/2]", authors="[me/page/2]", topics="[cloud]")
    publication.sync()
    report = exported(publication, tmp_path / "out")
    assert report.left_out == []
    found = files(tmp_path / "out")
    assert b"articles/other" in found["tags/x/page/2.html"]
    assert b"articles/other" in found["zh-Hant/authors/me/page/2.html"]
    assert b"articles/a" not in found["tags/x/page/2.html"]
    for name in ("page/2/tags/x", "zh-Hant/page/2/tags/x", "page/2/tags/y", "page/2/authors/me", "topics/chips/page/2"):
        assert b"articles/a" in found[f"{name}.html"], name
    assert f'rel="next" href="{BASE}/page/2/tags/x"'.encode() in found["tags/x.html"]
    assert f'rel="prev" href="{BASE}/zh-Hant/tags/x"'.encode() in found["zh-Hant/page/2/tags/x.html"]
    assert dangling(found) == {}


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "index.html"),
        ("/en/", "en/index.html"),
        ("/articles/index", "articles/index/index.html"),
        ("/tags/a%2Findex", "tags/a/index/index.html"),
        ("/tags/index.html", "tags/index.html.html"),
        (f"/tags/{'x' * 248}", f"tags/{'x' * 248}/index.html"),
        (f"/tags/{'x' * 248}%2Findex", f"tags/{'x' * 248}/index/index.html"),
        (f"/tags/{'x' * 247}", f"tags/{'x' * 247}.html"),
    ],
)
def test_the_file_of_a_page(path: str, key: str) -> None:
    assert key_of(path, is_page=True) == key
    assert object_name(key) == (f"{path}index.html" if path.endswith("/") else unquote(path))[1:]


@pytest.mark.parametrize("name", ["404", "410"])
def test_a_page_is_no_page_of_errors(publication: Publication, name: str) -> None:
    publication.write(f"pages/{name}.md", "---\ntitle: Lost\n---\nText.\n")
    (problem,) = publication.sync().problems
    assert f"/{name} is an address of feedsvc itself" in str(problem)
