"""The ids and old addresses that articles had in the sites of other systems, translations, and links between files."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from feedsvc.importing.readers.sites.hugo import hugo_at
from feedsvc.importing.readers.sites.source_site import Page
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FolderFiles
from tests.importing.archives import zipped
from tests.importing.conftest import Run
from tests.importing.test_site_settings import ASTRO, ELEVENTY, HEXO, HUGO, Files, by_title, post, written

HOST: Final = "https://blog.example.net"
# Name: the settings, the path and the fields of a post, then its old address and its id.
ADDRESSES: Final[dict[str, tuple[Files, str, str, str, str]]] = {
    "hugo": (HUGO, "content/posts/My First.md", "", "/posts/my-first", f"{HOST}/posts/my-first/"),
    "hugo bundle": (HUGO, "content/posts/新廠/index.md", "", "/posts/新廠", f"{HOST}/posts/新廠/"),
    "hugo slug": (HUGO, "content/posts/a.md", "slug: b\n", "/posts/b", f"{HOST}/posts/b/"),
    "hugo url": (HUGO, "content/posts/a.md", "url: /x/y/\n", "/x/y", f"{HOST}/x/y/"),
    "hugo permalinks": (
        {"config.yaml": f"baseURL: {HOST}\npermalinks:\n  posts: /:year/:month/:title/\n"},
        "content/posts/a.md",
        "",
        "/2026/03/a-title",
        f"{HOST}/2026/03/a-title/",
    ),
    "hugo permalinks of pages": (
        {"hugo.toml": f'baseURL = "{HOST}/"\n[permalinks.page]\nposts = "/:sections[1:]/:slugorcontentbasename/"\n'},
        "content/posts/in/a.md",
        "",
        "/in/a",
        f"{HOST}/in/a/",
    ),
    "hugo ugly": (
        {"config.toml": f'baseURL = "{HOST}/"\nuglyURLs = true\n'},
        "content/posts/a.md",
        "",
        "/posts/a.html",
        f"{HOST}/posts/a.html",
    ),
    "hugo below a path": (
        {"config.toml": f'baseURL = "{HOST}/log/"\n'},
        "content/posts/a.md",
        "",
        "/log/posts/a",
        f"{HOST}/log/posts/a/",
    ),
    "hugo language": (
        {"hugo.toml": f'baseURL = "{HOST}/"\ndefaultContentLanguage = "zh"\n[languages.zh]\n[languages.en]\n'},
        "content/posts/a.en.md",
        "",
        "/en/posts/a",
        f"{HOST}/en/posts/a/",
    ),
    "hugo folder of a language": (
        {
            "config/_default/hugo.toml": f'baseURL = "{HOST}/"\ndefaultContentLanguage = "zh"\n',
            "config/_default/languages.toml": '[zh]\ncontentDir = "content/zh"\n[en]\ncontentDir = "content/en"\n',
        },
        "content/en/posts/a.md",
        "",
        "/en/posts/a",
        f"{HOST}/en/posts/a/",
    ),
    "hugo example": ({"hugo.toml": 'baseURL = "https://example.org/"\n'}, "content/posts/a.md", "", "/posts/a", ""),
    "jekyll": (
        {"_config.yml": f"url: {HOST}\n"},
        "_posts/2026-03-01-My_first.md",
        "",
        "/chips/2026/03/01/My_first.html",
        f"{HOST}/chips/2026/03/01/My_first",
    ),
    "jekyll pretty": (
        {"_config.yml": f"url: {HOST}\nbaseurl: /log\npermalink: pretty\n"},
        "in/_posts/2026-03-01-a.md",
        "",
        "/log/in/chips/2026/03/01/a",
        f"{HOST}/log/in/chips/2026/03/01/a",
    ),
    "jekyll pattern": (
        {"_config.yml": f"url: {HOST}\npermalink: /:year/:i_day/:title/\n"},
        "_posts/2026-03-01-a.md",
        "",
        "/2026/1/a",
        f"{HOST}/2026/1/a",
    ),
    "jekyll pattern of a file": (
        {"_config.yml": f"url: {HOST}\n"},
        "_posts/2026-03-01-a.md",
        "permalink: /:year/:title.html\n",
        "/2026/a.html",
        f"{HOST}/2026/a",
    ),
    "jekyll pattern of the defaults": (
        {"_config.yml": f"url: {HOST}\ndefaults:\n- scope: {{path: _posts}}\n  values: {{permalink: '/n/:title/'}}\n"},
        "_posts/2026-03-01-a.md",
        "",
        "/n/a",
        f"{HOST}/n/a",
    ),
    "hexo": (
        {"_config.yml": f"url: {HOST}\n"},
        "source/_posts/in/a.md",
        "",
        "/2026/03/01/in/a",
        f"{HOST}/2026/03/01/in/a/",
    ),
    "hexo pattern": (
        {"_config.yml": f"url: {HOST}\nroot: /log/\npermalink: :category/:abbrlink.html\n"},
        "source/_posts/a.md",
        "abbrlink: 4f2a\n",
        "/log/chips/4f2a.html",
        f"{HOST}/log/chips/4f2a.html",
    ),
    "hexo permalink of a file": (
        {"_config.yml": f"url: {HOST}\n"},
        "source/_posts/a.md",
        "permalink: x/y.html\n",
        "/x/y.html",
        f"{HOST}/x/y.html",
    ),
    "pelican": (
        {"pelicanconf.py": "PATH = 'content'\n", "publishconf.py": f"SITEURL = '{HOST}'\n"},
        "content/a.md",
        "",
        "/a-title.html",
        "tag:blog.example.net,2026-03-01:/a-title.html/",
    ),
    "pelican pattern": (
        {"pelicanconf.py": f"SITEURL = '{HOST}'\nARTICLE_URL = '{{date:%Y}}/{{category}}/{{slug}}/'\n"},
        "content/a.md",
        "slug: b\n",
        "/2026/chips/b",
        "tag:blog.example.net,2026-03-01:/2026/chips/b//",
    ),
    "pelican path": (
        {"pelicanconf.py": "ARTICLE_SAVE_AS = '{slug}/index.html'\n"},
        "content/a.md",
        "",
        "/a-title",
        "",
    ),
    "zola": (
        {"config.toml": f'base_url = "{HOST}"\n'},
        "content/posts/2026-03-01-My first.md",
        "",
        "/posts/my-first",
        f"{HOST}/posts/my-first/",
    ),
    "zola path": (
        {"config.toml": f'base_url = "{HOST}"\n'},
        "content/posts/a.md",
        "path: x/y\n",
        "/x/y",
        f"{HOST}/x/y/",
    ),
    "eleventy": (
        {"eleventy.config.js": 'return {dir: {input: "src"}}', "src/_data/site.json": f'{{"url": "{HOST}"}}'},
        "src/posts/2026-03-01-a.md",
        "",
        "/posts/a",
        f"{HOST}/posts/a/",
    ),
    "eleventy pattern": (
        {**ELEVENTY, "posts/posts.json": '{"permalink": "/n/{{ page.fileSlug }}/index.html"}'},
        "posts/a.md",
        "",
        "/n/a",
        "",
    ),
    "astro": (
        {"astro.config.mjs": f"export default {{site: '{HOST}'}};", "src/pages/blog/[...slug].astro": "x"},
        "src/content/blog/My First.md",
        "",
        "/blog/my-first",
        f"{HOST}/blog/my-first/",
    ),
    "astro page": (ASTRO, "src/pages/a.md", "", "/a", ""),
}
# Where no address is known, and why.
UNKNOWN: Final[dict[str, tuple[Files, str, str]]] = {
    "pelican setting that is computed": ({"pelicanconf.py": "ARTICLE_URL = make()\n"}, "content/a.md", ""),
    "pelican title that it transliterates": ({"pelicanconf.py": "x = 1\n"}, "content/a.md", "title2: x\n"),
    "astro collection that no page shows": (ASTRO, "src/content/blog/a.md", ""),
    "eleventy placeholder that is not known": (ELEVENTY, "a.md", "permalink: '/{{ lang }}/a/'\n"),
    "hexo hash": ({**HEXO, "_config.yml": "permalink: :hash/\n"}, "source/_posts/a.md", ""),
}


# What Hugo makes of a text: as the title in a pattern, as `slug`, and as the name of a file in default addresses.
# Printed by hugo 0.168 for sites with these texts. Before 0.123, spaces of a file's name became one hyphen.
HUGO_NAMES: Final[dict[str, tuple[str, str, str]]] = {
    "半導体の話🎉": ("半導体の話", "半導体の話", "半導体の話"),
    "北京：新廠（上）": ("北京新廠上", "北京新廠上", "北京新廠上"),
    "全角\u3000空白": ("全角-空白", "全角-空白", "全角-空白"),
    "한국어 제목!": ("한국어-제목", "한국어-제목", "한국어-제목"),
    "مرحبا، بالعالم": ("مرحبا-بالعالم", "مرحبا-بالعالم", "مرحبا-بالعالم"),
    "हिन्दी शीर्षक": ("हिन्दी-शीर्षक", "हिन्दी-शीर्षक", "हिन्दी-शीर्षक"),
    "🎉 party": ("party", "party", "-party"),
    "fam 👨\u200d👩\u200d👧": ("fam", "fam", "fam-"),
    "a🎉-🎉b": ("a-b", "a-b", "a-b"),
    "New “quotes”": ("new-quotes", "new-quotes", "new-quotes"),
    'Say "quotes"': ("say-quotes", "say-quotes", "say-quotes"),
    "It's here": ("its-here", "its-here", "its-here"),
    "Don’t stop": ("dont-stop", "dont-stop", "dont-stop"),
    "R&D & more": ("rd-more", "rd-more", "rd--more"),
    "x & - & y": ("x-y", "x-y", "x-----y"),
    "v1.2.3 out.": ("v1.2.3-out.", "v1.2.3-out.", "v1.2.3-out."),
    "e.g. this_that": ("e.g.-this_that", "e.g.-this_that", "e.g.-this_that"),
    "What?!": ("what", "what", "what"),
    "50% off": ("50-off", "50-off", "50-off"),
    "a -- b": ("a--b", "a--b", "a----b"),
    "A ! b": ("a-b", "a-b", "a--b"),
    "!! -x": ("-x", "-x", "--x"),
    "-both ends-": ("-both-ends-", "both-ends", "-both-ends-"),
    "x~y@z": ("x~y@z", "x~y@z", "x~y@z"),
    "C++ or D": ("c-or-d", "c++-or-d", "c++-or-d"),
    "Ⅳ 4½ ²": ("4", "4", "-4-"),
    "Café déjà": ("café-déjà", "café-déjà", "café-déjà"),
    "İstanbul ΑΣ": ("istanbul-ασ", "istanbul-ασ", "istanbul-ασ"),
}


@pytest.mark.parametrize("text", HUGO_NAMES)
def test_hugo_keeps_of_a_name_what_it_keeps(tmp_path: Path, text: str) -> None:
    """The addresses are those that the program printed for a site with these files."""
    pattern = 'baseURL = "https://blog.example.net/"\n[permalinks]\nlog = "/:year/:slug/"\n'
    files = FolderFiles(written(tmp_path / "blog", {"hugo.toml": pattern, "content/posts/a.md": post("A title")}))
    site = hugo_at(files, "")
    assert site is not None
    date = "2026-03-01"
    found = (
        site.address(Page(path="content/log/a.md", fields={}, title=text, date=date)),
        site.address(Page(path="content/posts/a.md", fields={}, title="A", slug=text, date=date)),
        site.address(Page(path=f"content/posts/{text}.md", fields={}, title="A", date=date)),
    )
    title, slug, name = HUGO_NAMES[text]
    assert found == (f"/2026/{title}/", f"/posts/{slug}/", f"/posts/{name}/")


def test_a_title_in_a_pattern_of_hugo_becomes_the_alias_and_the_id(run: Run, content: Path, tmp_path: Path) -> None:
    """Without accents and with capitals, as the settings say. A title of symbols alone has no address of its own."""
    settings = (
        'baseURL = "https://blog.example.net/"\nremovePathAccents = true\ndisablePathToLower = true\n'
        '[permalinks]\nposts = "/:year/:title/"\n'
    )
    titles = ("Café “déjà”", "半導体の話🎉", "…!")
    files = {f"content/posts/{number}.md": post(title) for number, title in enumerate(titles)}
    run(written(tmp_path / "blog", {"hugo.toml": settings, **files}))
    found = by_title(content)
    assert [found[each][0].get("aliases") for each in titles] == [["/2026/Cafe-deja"], ["/2026/半導体の話"], None]
    assert found[titles[0]][0]["id"] == f"{HOST}/2026/Cafe-deja/"
    assert found[titles[1]][0]["id"] == f"{HOST}/2026/{quote('半導体の話')}/"


def test_a_mounted_file_has_the_address_and_language_of_its_place(run: Run, content: Path, tmp_path: Path) -> None:
    settings = (
        'baseURL = "https://blog.example.net/"\n[languages.en]\n[languages.fr]\n'
        '[[module.mounts]]\nsource = "texts"\ntarget = "content/blog"\nlang = "en"\n'
        '[[module.mounts]]\nsource = "textes"\ntarget = "content/blog"\nlang = "fr"\n'
    )
    files = {"hugo.toml": settings, "texts/a/fab.md": post("Fab"), "textes/usine.md": post("Usine")}
    result = run(written(tmp_path / "site", files))
    assert result.exit_code == 0, result.output
    found = by_title(content)
    assert [found[each][0]["aliases"] for each in ("Fab", "Usine")] == [["/blog/a/fab"], ["/fr/blog/usine"]]
    assert [found[each][0]["language"] for each in ("Fab", "Usine")] == ["en", "fr"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_old_address_and_the_id_are_kept(
    run: Run, content: Path, tmp_path: Path, settings: ImportSettings, name: str
) -> None:
    of_site, path, fields, address, id_ = ADDRESSES[name]
    files: Files = {**of_site, path: post("A title", fields)}
    folder = written(tmp_path / "blog", files)
    assert run(folder).exit_code == 0
    found, _ = by_title(content)["A title"]
    assert found["aliases"] == [address]
    assert found["id"] == (quote(id_, safe=":/,") or f"tag:{settings.site.tag_authority}:{quote(address)}/")
    again = run(zipped(tmp_path / "blog.zip", {f"blog-main/{each}": data for each, data in files.items()}))
    assert "0 written, 0 replaced, 1 unchanged, 0 set aside" in again.stderr


@pytest.mark.parametrize("name", UNKNOWN)
def test_no_address_is_made_up(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    settings, path, fields = UNKNOWN[name]
    assert run(written(tmp_path / "blog", {**settings, path: post("新廠", fields)})).exit_code == 0
    found, _ = by_title(content)["新廠"]
    assert not found.keys() & {"aliases", "id"}


def test_an_article_that_was_imported_without_an_id_is_found_again(run: Run, content: Path, tmp_path: Path) -> None:
    """Version 0.1 gave it none. It keeps the id that readers know; another of its slug is another file."""
    run(written(tmp_path / "blog", {**HUGO, "content/posts/fab.md": post("A title", "")}))
    (earlier,) = (content / "articles").rglob("*.md")
    without = "".join(line for line in earlier.read_text("utf-8").splitlines(True) if not line.startswith("id:"))
    assert without != earlier.read_text("utf-8")
    earlier.write_text(without, "utf-8")
    again = run(tmp_path / "blog")
    assert "0 written, 0 replaced, 1 unchanged, 0 set aside" in again.stderr
    assert earlier.read_text("utf-8") == without
    other = run(written(tmp_path / "other", {**HUGO, "content/posts/fab.md": post("Another title", "")}))
    assert "1 written" in other.stderr


def test_two_entries_with_one_title_and_date_and_ids_of_their_own_are_two(
    run: Run, content: Path, tmp_path: Path
) -> None:
    files = {f"content/{folder}/fab.md": post("A title", f"guid: urn:x:{folder}\n") for folder in ("a", "b")}
    assert run(written(tmp_path / "blog", {**HUGO, **files})).exit_code == 0
    assert len(list((content / "articles").rglob("*.md"))) == 2


def test_an_id_in_the_file_comes_first(run: Run, content: Path, tmp_path: Path) -> None:
    run(written(tmp_path / "blog", {**HUGO, "content/a.md": post("A title", "guid: urn:x:1\n")}))
    assert by_title(content)["A title"][0]["id"] == "urn:x:1"


TRANSLATED: Final[dict[str, tuple[Files, str, str, str]]] = {
    "hugo name": (
        {"hugo.toml": 'defaultContentLanguage = "zh-tw"\n[languages.zh-tw]\n[languages.en]\n'},
        "content/posts/p.md",
        "content/posts/p.en.md",
        "",
    ),
    "hugo bundle": (
        {"hugo.toml": 'defaultContentLanguage = "zh-tw"\n[languages.zh-tw]\n[languages.en]\n'},
        "content/posts/p/index.zh-tw.md",
        "content/posts/p/index.en.md",
        "",
    ),
    "hugo folder": (
        {
            "hugo.toml": 'defaultContentLanguage = "cn"\n[languages.cn]\nlocale = "zh-tw"\ncontentDir = "content/cn"\n'
            '[languages.en]\ncontentDir = "content/en"\n'
        },
        "content/cn/p.md",
        "content/en/p.md",
        "",
    ),
    "hugo key": (
        {"hugo.toml": 'defaultContentLanguage = "zh-tw"\n[languages.zh-tw]\n[languages.en]\n'},
        "content/p.md",
        "content/other.en.md",
        "translationKey: k\n",
    ),
    "zola": (
        {"config.toml": 'base_url = "/"\ndefault_language = "zh-TW"\n[languages.en]\n'},
        "content/p.md",
        "content/p.en.md",
        "",
    ),
    "jekyll": (
        {"_config.yml": "languages: [zh-TW, en]\ndefault_lang: zh-TW\n"},
        "_posts/2026-03-01-p.md",
        "_posts/2026-03-01-other.md",
        "page_id: k\n",
    ),
    "pelican": ({"pelicanconf.py": "DEFAULT_LANG = 'zh-tw'\n"}, "content/p.md", "content/p-en.md", "slug: p\n"),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_names_its_original(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    settings, original, other, fields = TRANSLATED[name]
    by_field = "jekyll" in name or "pelican" in name
    files: Files = {
        **settings,
        original: post(
            "新廠", fields + ("lang: zh-TW\n" if by_field else ""), "晶圓廠在星期二動工，第一批晶片在晚上完成。" * 3
        ),
        other: post("The plant", fields + ("lang: en\n" if by_field else "")),
    }
    result = run(written(tmp_path / "blog", files))
    assert result.exit_code == 0, result.output
    found = by_title(content)
    assert found["The plant"][0]["language"] == "en"
    assert str(found["新廠"][0]["language"]).startswith("zh")
    assert found["The plant"][0]["translation_of"] == "p"
    assert "translation_of" not in found["新廠"][0]
    assert len(list((content / "articles").rglob("p.md"))) == 1
    # The names are those of one article in two languages.
    assert len({str(fields["id"]) for fields, _ in found.values()}) == 2
    assert "2 unchanged" in run(tmp_path / "blog").stderr


LINKS: Final[dict[str, tuple[Files, str, str, str]]] = {
    "hugo relref to a url": (HUGO, "content/posts/other.md", "url: /x/fab/\n", '[x]({{< relref "other.md" >}})'),
    "hugo ref to a slug": (HUGO, "content/posts/other.md", "slug: fab\n", '[x]({{< ref "/posts/other" >}})'),
    "hugo ref to a bundle": (HUGO, "content/notes/other/index.md", "slug: fab\n", '[x]({{< ref "notes/other" >}})'),
    "hugo file": (HUGO, "content/posts/other.md", "slug: fab\n", "[x](other.md)"),
    "hugo file above": (HUGO, "content/notes/other.md", "slug: fab\n", "[x](../notes/other.md)"),
    "jekyll post_url": (
        {"_config.yml": "x: y\n"},
        "_posts/2026-01-05-other.md",
        "slug: fab\n",
        "[x]({% post_url 2026-01-05-other %})",
    ),
    "hexo post_link": (HEXO, "source/_posts/other.md", "permalink: /x/fab.html\n", "{% post_link other x %}"),
    "zola file": (
        {"config.toml": 'base_url = "/"\n'},
        "content/notes/other.md",
        "slug: fab\n",
        "[x](@/notes/other.md)",
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_links_lead_to_the_slug_of_the_other_file(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    settings, path, fields, link = LINKS[name]
    folder = {"jekyll": "_posts", "hexo": "source/_posts"}.get(name.partition(" ")[0], "content/posts")
    files: Files = {**settings, path: post("Other", fields), f"{folder}/2026-03-01-from.md": post("From", more=link)}
    assert run(written(tmp_path / "blog", files)).exit_code == 0
    assert "[x](fab)" in by_title(content)["From"][1]
    assert list((content / "articles").rglob("fab.md"))


def test_a_link_to_a_draft_says_nothing_of_it(run: Run, content: Path, tmp_path: Path) -> None:
    files: Files = {
        **HUGO,
        "content/posts/secret-plan.md": post("Secret", "draft: true\n"),
        "content/posts/from.md": post("From", more="[the plan](secret-plan.md)"),
    }
    run(written(tmp_path / "blog", files))
    text = by_title(content)["From"][1]
    assert "the plan" in text
    assert "secret" not in text
