"""What the settings and folders of a site keep from the public stays so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from feedsvc.articles.metadata import frontmatter
from tests.importing.archives import PNG, zipped
from tests.importing.conftest import Run, articles

HUGO = {"hugo.toml": 'baseURL = "https://blog.example.net/"\n'}
HEXO = {"_config.yml": "title: x\n", "source/_posts/.keep": ""}
PELICAN = {"pelicanconf.py": "PATH = 'content'\n"}
ZOLA = {"config.toml": 'base_url = "https://blog.example.net"\n'}
ELEVENTY = {"eleventy.config.js": "module.exports = () => {};\n"}
ASTRO = {"astro.config.mjs": "export default {};\n"}
Files = Mapping[str, str | bytes]


def post(title: str, fields: str = "", more: str = "") -> str:
    """Return a post that says nothing of who may read it."""
    return (
        f"---\ntitle: {title}\ndate: 2026-03-01\ncategories: chips\n{fields}---\n\n"
        f"The wafer plant opened on Tuesday and the first chips left it in the evening. {more}\n"
    )


def written(folder: Path, files: Files) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def by_title(content: Path) -> dict[str, tuple[Mapping[str, frontmatter.Value], str]]:
    """Return the fields and the text of each article, by title."""
    fronts = (frontmatter.parse(each.read_bytes()) for each in articles(content))
    return {str(each.fields["title"]): (each.fields, each.body) for each in fronts}


def drafts(content: Path) -> set[str]:
    """Return the titles of the articles that are drafts."""
    return {title for title, (fields, _) in by_title(content).items() if fields.get("draft") == "true"}


# Name: the files of a site in which the post "Secret" is for nobody, and "Open" is for all.
HIDDEN: dict[str, Files] = {
    "hugo cascade in TOML": {
        **HUGO,
        "content/in/_index.md": "+++\n[cascade]\ndraft = true\n+++\n",
        "content/in/deep/secret.md": post("Secret"),
        "content/out/open.md": post("Open"),
    },
    "hugo cascade of build": {
        **HUGO,
        "content/in/_index.md": "---\ncascade:\n  build:\n    render: never\n---\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo cascade of _build in a list": {
        **HUGO,
        "content/in/_index.md": "---\ncascade:\n- _build:\n    list: never\n---\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo mounts": {
        "hugo.toml": '[[module.mounts]]\nsource = "posts"\ntarget = "content/blog"\n',
        "posts/open.md": post("Open"),
        "content/secret.md": post("Secret"),
    },
    "hugo mounts with excluded files": {
        "hugo.yaml": "module:\n  mounts:\n  - source: posts\n    target: content/blog\n    excludeFiles: [in/**]\n",
        "posts/open.md": post("Open"),
        "posts/in/secret.md": post("Secret"),
    },
    "hugo mounts with included files": {
        "hugo.yaml": "module:\n  mounts:\n  - source: posts\n    target: content\n    includeFiles: ['*.md']\n",
        "posts/open.md": post("Open"),
        "posts/in/secret.md": post("Secret"),
    },
    "hugo mounts with both in one list": {
        "config/_default/hugo.toml": "",
        "config/_default/module.toml": '[[mounts]]\nsource = "posts"\ntarget = "content"\nfiles = ["! in/**", "**"]\n',
        "posts/open.md": post("Open"),
        "posts/in/secret.md": post("Secret"),
    },
    "hugo cascade above a mount": {
        "hugo.toml": '[[module.mounts]]\nsource = "content"\ntarget = "content"\n'
        '[[module.mounts]]\nsource = "texts/in"\ntarget = "content/in"\n',
        "content/in/_index.md": "+++\n[cascade]\ndraft = true\n+++\n",
        "texts/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo ignoreFiles": {
        "hugo.toml": "ignoreFiles = ['/_?secret\\.md$', '\\.draft\\.md$']\n",
        "content/posts/secret.md": post("Secret"),
        "content/posts/open.md": post("Open"),
    },
    "hugo cascade of headless": {
        **HUGO,
        "content/in/_index.fr.md": "---\ncascade:\n  headless: true\n---\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo cascade with a target": {
        **HUGO,
        "content/_index.md": "---\ncascade:\n- _target:\n    path: '{/in/**,/other}'\n  draft: true\n---\n",
        "content/in/secret/index.md": post("Secret"),
        "content/open.md": post("Open", "draft: false\n"),
    },
    "hugo cascade with a target that is not certain": {
        **HUGO,
        "content/_index.md": "---\ncascade:\n- target:\n    environment: production\n  draft: true\n---\n",
        "content/secret.md": post("Secret"),
        "content/open.md": post("Open", "draft: false\n"),
    },
    "hugo cascade for lists alone": {
        **HUGO,
        "content/_index.md": "---\ncascade:\n- target:\n    kind: section\n  draft: true\n---\n",
        "content/secret.md": post("Secret", "draft: true\n"),
        "content/open.md": post("Open"),
    },
    "hugo cascade of the settings": {
        "config/_default/hugo.yaml": "title: x\ncascade:\n- target: {path: /in/**}\n  draft: true\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo section that is a draft": {
        **HUGO,
        "content/in/_index.md": "---\ndraft: true\n---\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo section that cannot be read": {
        **HUGO,
        "content/in/_index.md": "---\ncascade: [\n---\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hugo beside the content": {**HUGO, "notes/secret.md": post("Secret"), "content/open.md": post("Open")},
    "hugo taken down": {
        **HUGO,
        "content/secret.md": post("Secret", "expiryDate: 2026-03-02\n"),
        "content/open.md": post("Open", "expiryDate: 2199-03-02\n"),
    },
    "jekyll defaults": {
        "_config.yml": "defaults:\n- scope: {path: '', type: posts}\n  values: {published: false}\n",
        "_posts/2026-03-01-secret.md": post("Secret"),
        "_posts/2026-03-01-open.md": post("Open", "published: true\n"),
    },
    "jekyll defaults of a folder": {
        "_config.yml": "defaults:\n- scope: {path: 'in/*'}\n  values: {published: false}\n",
        "in/_posts/2026-03-01-secret.md": post("Secret"),
        "_posts/2026-03-01-open.md": post("Open"),
    },
    "jekyll exclude": {
        "_config.yml": "exclude: [in/, '*.tmp.md']\n",
        "in/secret.md": post("Secret"),
        "_posts/2026-03-01-open.md": post("Open"),
    },
    "jekyll collection without pages": {
        "_config.yml": "collections:\n  notes: {output: false}\n  essays: {output: true}\n",
        "_notes/secret.md": post("Secret"),
        "_essays/open.md": post("Open"),
    },
    "jekyll HTML": {
        "_config.yml": "title: x\n",
        "_posts/2026-03-01-secret.html": post("Secret", "published: false\n", "<h1>Secret</h1>"),
        "_posts/2026-03-01-open.html": post("Open"),
    },
    "jekyll settings that cannot be read": {
        "in/_config.yml": "exclude: [\n",
        "in/_posts/2026-03-01-secret.md": post("Secret"),
        "out/open.md": post("Open"),
    },
    "eleventy data of a folder": {
        **ELEVENTY,
        "posts/posts.json": '{"layout": "x", "draft": true}',
        "posts/deep/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "eleventy data without settings": {
        "posts/posts.11tydata.json": '{"eleventyExcludeFromCollections": true}',
        "posts/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "eleventy data of permalinks": {
        **ELEVENTY,
        "posts/posts.json": '{"permalink": false}',
        "posts/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "eleventy data of a file": {
        **ELEVENTY,
        "posts/secret.11tydata.json": '{"draft": true}',
        "posts/secret.md": post("Secret"),
        "posts/open.md": post("Open"),
    },
    "eleventy data that is a program": {
        **ELEVENTY,
        "posts/posts.11tydata.js": "module.exports = {eleventyComputed: {permalink: () => false}};",
        "posts/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "eleventy data that cannot be read": {
        **ELEVENTY,
        "posts/posts.json": '{"draft": ',
        "posts/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "eleventy ignore file": {
        **ELEVENTY,
        ".eleventyignore": "# x\nin/\n",
        "in/secret.md": post("Secret"),
        "open.md": post("Open"),
    },
    "zola section that is a draft": {
        **ZOLA,
        "content/in/_index.md": "+++\ndraft = true\n+++\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "zola section that is not rendered": {
        **ZOLA,
        "content/in/_index.md": "+++\nrender = false\n+++\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "zola ignored content": {
        "config.toml": 'base_url = "https://blog.example.net"\nignored_content = ["*.secret.md"]\n',
        "content/a.secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "pelican defaults": {
        "pelicanconf.py": "import os\nPATH = 'content'\nDEFAULT_METADATA = {'status': 'draft'}\n",
        "content/secret.md": post("Secret"),
        "content/open.md": post("Open", "status: published\n"),
    },
    "pelican defaults that are computed": {
        "pelicanconf.py": "DEFAULT_METADATA = dict(status='draft')\n",
        "content/secret.md": post("Secret"),
        "content/open.md": post("Open", "status: published\n"),
    },
    "pelican excluded": {
        "pelicanconf.py": "ARTICLE_EXCLUDES = ['in']\n",
        "content/in/secret.md": post("Secret"),
        "content/open.md": post("Open"),
    },
    "hexo drafts that a preview shows": {
        "_config.yml": "render_drafts: true\n",
        "source/_drafts/secret.md": post("Secret"),
        "source/_posts/open.md": post("Open"),
    },
    "hexo name with an underscore": {
        **HEXO,
        "source/_posts/_secret.md": post("Secret"),
        "source/_posts/open.md": post("Open"),
    },
    "astro name with an underscore": {
        **ASTRO,
        "src/content/blog/_in/secret.md": post("Secret"),
        "src/content/blog/open.md": post("Open"),
    },
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_site_shows_to_nobody_is_a_draft(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    result = run(written(tmp_path / "blog", HIDDEN[name]))
    assert result.exit_code == 0, result.output
    assert set(by_title(content)) == {"Secret", "Open"}
    assert drafts(content) == {"Secret"}
    assert "made a draft" in result.stderr or "draft: true" in str(HIDDEN[name])


@pytest.mark.parametrize("name", HIDDEN)
def test_so_it_is_in_an_archive_with_one_folder(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    members = {f"blog-main/{path}": data for path, data in HIDDEN[name].items()}
    result = run(zipped(tmp_path / "blog.zip", members))
    assert result.exit_code == 0, result.output
    assert set(by_title(content)) == {"Secret", "Open"}
    assert drafts(content) == {"Secret"}


@pytest.mark.parametrize("name", HIDDEN)
def test_so_it_is_if_its_folder_alone_is_imported(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    """The settings stand above."""
    folder = written(tmp_path / "blog", HIDDEN[name])
    secret = next(each for each in folder.rglob("*secret*") if each.suffix in (".md", ".html") or each.is_dir())
    result = run(secret if secret.is_dir() else secret.parent)
    assert result.exit_code == 0, result.output
    assert "Secret" in drafts(content)
    result = run(secret / "index.md" if secret.is_dir() else secret)
    assert "1 unchanged" in result.stderr


def test_files_of_a_bundle_are_no_articles(run: Run, content: Path, tmp_path: Path) -> None:
    files = {
        **HUGO,
        "content/posts/one/index.md": post("One"),
        "content/posts/one/part.md": post("Part"),
        "content/posts/one/deep/more.md": post("More"),
        "content/posts/two.md": post("Two"),
        "content/posts/_index.zh.md": post("List"),
    }
    result = run(written(tmp_path / "blog", files))
    assert set(by_title(content)) == {"One", "Two"}
    assert "2 files that belong to the pages of their folders" in result.stderr
    assert "1 page of a section" in result.stderr


def test_pictures_of_a_site_are_copied(run: Run, content: Path, tmp_path: Path) -> None:
    """An archive has one folder at the top, and generators serve other folders as the root of the site."""
    for at, (settings, text, picture) in enumerate(
        (
            (HUGO, "content/posts/x.md", "static/img/a.png"),
            (HEXO, "source/_posts/x.md", "source/img/a.png"),
            (ASTRO, "src/content/blog/x.md", "public/img/a.png"),
            ({"_config.yml": "baseurl: /blog\nurl: https://blog.example.net\n"}, "_posts/2026-03-01-x.md", "img/a.png"),
            (ELEVENTY, "src/posts/x.md", "src/img/a.png"),
            (PELICAN, "content/x.md", "content/img/a.png"),
        )
    ):
        prefix = "/blog" if "baseurl" in str(settings) else ""
        body = post(f"Title {at}", more=f"![hall]({prefix}/img/a.png)")
        files: Files = {**settings, text.replace("x.md", f"x{at}.md"): body, picture: PNG}
        members = {f"blog-main/{name}": data for name, data in files.items()}
        result = run(zipped(tmp_path / f"{at}.zip", members))
        assert result.exit_code == 0, result.output
        text_of = by_title(content)[f"Title {at}"][1]
        assert "![hall](a.png)" in text_of, text
    assert len(list((content / "articles").rglob("a.png"))) == 6


VAULT: Files = {
    ".obsidian/app.json": "{}",
    "Open note.md": "---\npublish: true\ntags: [chips]\n---\nSee [[Secret plan]], "
    "[[in/Secret plan#Salaries|the plan]] and [[Nobody wrote it]]. "
    "![[Secret plan]] [text](in/Secret%20plan.md) [[Other]]\n",
    "in/Secret plan.md": "The wafer plant.\n",
    "Other.md": "---\ndg-publish: true\n---\nThe wafer plant.\n",
    "Final.md": "---\nstatus: final\nlastmod: 2026-02-01\n---\nThe wafer plant.\n",
    "daily/2026-03-02.md": "A day in the wafer plant.\n",
}
OPTIONS = ("--topic", "chips", "--published", "2026-03-01")


@pytest.mark.parametrize("kind", ["folder", "archive", "part"])
def test_notes_of_a_vault_are_drafts_unless_they_say_publish(
    run: Run, content: Path, tmp_path: Path, kind: str
) -> None:
    vault = written(tmp_path / "vault", VAULT)
    source = {
        "folder": vault,
        "archive": zipped(tmp_path / "vault.zip", {f"vault/{name}": data for name, data in VAULT.items()}),
        "part": vault / "daily",
    }[kind]
    result = run(source, *OPTIONS)
    assert result.exit_code == 0, result.output
    hidden = {"Secret plan", "Final", "2026-03-02"} if kind != "part" else {"2026-03-02"}
    assert drafts(content) == hidden
    assert f"drafts without a marker: {len(hidden)}, since notes are private" in result.stderr
    assert "--publish-unmarked" in result.stderr


def test_notes_without_a_marker_are_published_on_request(run: Run, content: Path, tmp_path: Path) -> None:
    vault = written(tmp_path / "vault", {**VAULT, "No.md": "---\npublish: false\n---\nThe plant.\n"})
    result = run(vault, *OPTIONS, "--publish-unmarked")
    assert drafts(content) == {"No"}
    assert "public without a marker: 3 notes" in result.stderr


def test_notes_that_are_named_to_be_of_obsidian_are_private(run: Run, content: Path, tmp_path: Path) -> None:
    (tmp_path / "Note.md").write_text("The wafer plant.\n")
    run(tmp_path / "Note.md", "--from", "obsidian", *OPTIONS)
    assert drafts(content) == {"Note"}


def test_a_generator_publishes_what_is_written_in_a_vault(run: Run, content: Path, tmp_path: Path) -> None:
    files: Files = {**HUGO, "content/.obsidian/app.json": "{}", "content/posts/open.md": post("Open")}
    run(written(tmp_path / "blog", files))
    assert set(by_title(content)) == {"Open"}
    assert drafts(content) == set()


def test_links_say_nothing_of_notes_that_are_not_public(run: Run, content: Path, tmp_path: Path) -> None:
    """Neither address, folder nor heading of such a note is in the text; what the author wrote to be read stays."""
    run(written(tmp_path / "vault", VAULT), *OPTIONS)
    _, text = by_title(content)["Open note"]
    assert "See Secret plan, the plan and Nobody wrote it.  text [Other](Other)" in text
    assert "Salaries" not in text
    assert "Secret-plan" not in text


@pytest.mark.parametrize("expression", ["(a+)+$", "[", ".*.*.*x", "x" * 400])
def test_an_expression_that_is_not_tried_may_ignore_every_file(
    run: Run, content: Path, tmp_path: Path, expression: str
) -> None:
    files = {"hugo.toml": f"ignoreFiles = ['{expression}']\n", "content/a.md": post("A")}
    assert run(written(tmp_path / "blog", files)).exit_code == 0
    assert drafts(content) == {"A"}


PAGES: Final[dict[str, tuple[Files, str, str]]] = {
    "hugo": (HUGO, "content/about.md", "about"),
    "hugo bundle": (HUGO, "content/關於/index.md", "關於"),
    "hugo layout": (HUGO, "content/info/about.md", "about"),
    "jekyll": ({"_config.yml": "title: Log\n", "_posts/2026-03-01-x.md": post("Fab")}, "about.md", "about"),
    "pelican": ({"pelicanconf.py": "PATH = 'content'\n"}, "content/pages/about.md", "about"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_a_topic_is_named_with_its_place_here(
    run: Run, content: Path, tmp_path: Path, name: str
) -> None:
    files, path, slug = PAGES[name]
    layout = "layout: page\n" if name == "hugo layout" else ""
    page = f"---\ntitle: {slug}\ndate: 2026-03-01\n{layout}---\n\nThree people write this.\n"
    result = run(written(tmp_path / "site", {**files, path: page}))
    assert "a page of its site, and no topic has enough points" in result.stderr
    assert f"into content/pages/{slug}.md, or name a topic with --topic" in result.stderr
    assert result.stderr.endswith("1 set aside\n")
    assert not list(content.glob(f"articles/**/{slug}*"))


def test_a_post_without_a_topic_is_no_page(run: Run, tmp_path: Path) -> None:
    text = "---\ntitle: Us\ndate: 2026-03-01\n---\n\nThree people write this.\n"
    result = run(written(tmp_path / "site", {**HUGO, "content/posts/us.md": text}))
    assert "us.md: topics: no topic has enough points" in result.stderr
    assert "content/pages" not in result.stderr
