"""Every command of the README, the tutorial and the how-to pages is run by a test, or is named here with the reason.

The console blocks of a page run in their order, in a folder that stands for the root of a machine: `/srv`, `/var` and
`/etc` are below it. Programs that need root, a network or another machine are fakes, which record their arguments.
"""

import base64
import gzip
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from feedsvc.cli import main
from feedsvc.config import load_settings
from feedsvc.web import create_app
from tests.doc_pages import ROOT, blocks

PAGES = [
    file.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "docs/how-to/*.md", "docs/tutorial/*.md")
    for file in sorted(ROOT.glob(pattern))
]
# A test of its own runs all commands of these pages.
ELSEWHERE = {
    "docs/how-to/hub.md": "tests/hub/test_page.py",
    "docs/how-to/move-to-postgresql.md": "tests/store/test_transfer.py",
    "docs/how-to/poll.md": "tests/web/test_polling.py",
    "docs/how-to/troubleshoot.md": "tests/deploy/test_troubleshoot.py",
    "docs/tutorial/first-publication.md": "tests/cli/test_tutorial.py",
}
# Commands that are not run here, with the test that runs them or the reason why none can.
LISTED = {
    "make serve": "tests/test_live.py",
    "make test": "It runs this test.",
    ".venv/bin/feedsvc init ../my-news": "tests/cli/test_tutorial.py",
    "make serve CONTENT=../my-news/content": "tests/test_live.py runs it with another folder.",
    "feedsvc serve --drafts": "tests/test_live_preview.py",
    "FEEDSVC_STATUS_TOKEN=$(openssl rand -hex 16) feedsvc serve --drafts --base-url https://preview.example.org": (
        "tests/test_live_preview.py"
    ),
    "feedsvc doctor": "tests/doctor/test_checks.py",
    "feedsvc doctor https://example.org": "tests/doctor/test_checks.py",
    "cd /srv/feedsvc && sudo -u feedsvc FEEDSVC_STORE=/var/lib/feedsvc/store.sqlite3 .venv/bin/feedsvc doctor": (
        "tests/doctor/test_checks.py runs it without sudo."
    ),
    "feedsvc import ../blog": "tests/importing/test_site_addresses.py; the folder is also a site of Jekyll here.",
    "make dist": "tests/test_wheel.py builds both files with the same build backend.",
    "make catalogue LOCALE=ja": "tests/web/test_catalogues.py",
    "make catalogues": "tests/web/test_catalogues.py",
    ".venv/bin/python -m bench.main_text tests/importing/main_text": "tests/importing/test_main_text.py",
    "python3 -m venv /tmp/compare && /tmp/compare/bin/pip install uv": "It needs a package index.",
    "/tmp/compare/bin/uv pip install --python /tmp/compare/bin/python trafilatura readability-lxml resiliparse "
    "selectolax": "It needs a package index.",
    "PYTHONPATH=. /tmp/compare/bin/python -m tests.importing.compare": "It needs the packages of the lines above.",
}
# Commands that end with 1 here, as their pages say, because they set something aside.
SETS_ASIDE = {
    ("docs/how-to/import.md", "feedsvc import archive/ old-site.xml"),
    ("docs/how-to/import.md", "feedsvc import archive/ old-site.xml --report report.json"),
    ("docs/how-to/move-from.md", "feedsvc import wordpress.xml --media uploads"),
    ("docs/how-to/upgrade.md", "feedsvc check"),
    ("docs/how-to/upgrade.md", "feedsvc sync"),
}
# Programs that a test must not run: each fake records its arguments and ends with 0.
FAKES = ("systemctl", "useradd", "podman", "docker", "caddy", "nginx", "pipx", "uv", "make", "journalctl", "ssh")
ABSOLUTE = re.compile(r"(?<![\w.:/])/(?=(?:srv|var|etc)/)")
# A call of feedsvc without syntax of the shell, which runs in this process: that saves a start.
PLAIN = re.compile(r"(?:\.venv/bin/)?feedsvc [^|&<>;$*\n]*")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TEXT = "".join(
    f"Paragraph {number} says how the wafer is cut and why the chip is tested before it is packaged.\n\n"
    for number in range(4)
)
SITE = """\
title = "Yard"
tag_authority = "example.org,2026"
base_url = "https://news.example.org"

[topics.chips]
title = "Chips"

[topics.chips.keywords]
en = { chip = 2, wafer = 3 }
"""


@dataclass
class Machine:
    """A folder that stands for the root of a machine, and what its commands printed."""

    page: str
    root: Path
    where: Path
    environment: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return the path of `name`, an absolute path on the machine, or one relative to the current folder."""
        found = self.root / name.lstrip("/") if name.startswith("/") else self.where / name
        found.parent.mkdir(parents=True, exist_ok=True)
        return found

    def write(self, name: str, text: str) -> Path:
        file = self.path(name)
        file.write_text(text, "utf-8")
        return file

    def program(self, name: str | Path, script: str) -> None:
        """Write a program in bash."""
        file = self.path(name) if isinstance(name, str) else name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/bash\n{script}\n", "utf-8")
        file.chmod(0o755)

    def fake(self, *names: str) -> None:
        """Make programs that only record their arguments."""
        for name in names:
            self.program(self.root / "fakes" / name, f'echo "{name} $*" >>"{self.root}/calls"')

    def run(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run a command, and look at its exit code."""
        wanted = ABSOLUTE.sub(f"{self.root}/", command)
        if PLAIN.fullmatch(wanted):
            monkeypatch.chdir(self.where)
            result = CliRunner().invoke(main, shlex.split(wanted)[1:], env=self.environment)
            assert result.exit_code == (1 if (self.page, command) in SETS_ASIDE else 0), (command, result.output)
            return
        done = subprocess.run(
            ["bash", "-c", f'set -eo pipefail\n{wanted}\npwd >"{self.root}/pwd"'],
            cwd=self.where,
            env={**os.environ, **self.environment, "PATH": f"{self.root}/fakes:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (wanted, done.stdout, done.stderr)
        self.where = Path((self.root / "pwd").read_text("utf-8").strip())

    @property
    def recorded(self) -> str:
        """The calls of the fakes, one a line."""
        calls = self.root / "calls"
        return calls.read_text("utf-8") if calls.exists() else ""


def commands(block: str) -> list[str]:
    """Return the commands of a console block, without prompt, comment and output; one may have several lines."""
    found: list[str] = []
    for line in block.splitlines():
        if re.match(r"[$#] ", line):
            found.append(re.sub(r" +# .*", "", line[2:]).rstrip())
        elif found[-1].endswith("\\"):
            found[-1] += f"\n{line}"
    return found


def of_page(name: str) -> list[str]:
    """Return the commands of the console blocks of a page."""
    found = blocks((ROOT / name).read_text("utf-8"))
    return [command for language, block in found if language == "console" for command in commands(block)]


def site(machine: Machine, folder: str = "content") -> None:
    """Write a publication of one article."""
    machine.write(f"{folder}/site.toml", SITE)
    machine.write(
        f"{folder}/articles/wafer.md", "---\ntitle: W\npublished: 2026-11-01\ntopics: [chips]\n---\n\nText.\n"
    )


def etag(machine: Machine, path: str = "/feeds/all.atom") -> str:
    """Return the ETag of a document of the publication that the settings of the machine name."""
    settings = load_settings(machine.environment)
    return create_app(settings).test_client().get(path).headers["ETag"]


def location(client: FlaskClient, path: str) -> str:
    """Return where a path redirects to for good."""
    answer = client.get(path)
    assert answer.status_code == 301, path
    return answer.headers["Location"].removeprefix("https://blog.example.net")


def before_backup(machine: Machine) -> None:
    site(machine)
    CliRunner().invoke(main, ["sync", "--content", str(machine.where / "content")])


def before_deploy(machine: Machine) -> None:
    """Put the files of deploy/ where a clone would have them; `git clone` is a fake, too."""
    machine.fake("git", "chmod")
    shutil.copytree(ROOT / "deploy", machine.path("/srv/feedsvc/deploy"))
    shutil.copytree(ROOT / "deploy", machine.where / "deploy")
    machine.path("/etc/systemd/system/x").write_text("")
    machine.path("/var/lib/x").write_text("")


def after_deploy(machine: Machine) -> None:
    """The copied units exist, and the options of each container command name files that exist."""
    for name in ("feedsvc.service", "feedsvc-watch.service", "feedsvc-backup.service", "feedsvc-backup.timer"):
        assert machine.path(f"/etc/systemd/system/{name}").is_file()
    assert "FEEDSVC_CONTENT=" in machine.path("/etc/feedsvc.env").read_text("utf-8")
    for name in re.findall(r"deploy/[\w.-]+", machine.recorded):
        assert (ROOT / name).exists(), name


def before_import(machine: Machine) -> None:
    machine.write("content/site.toml", SITE)
    machine.write("draft.txt", f"How a fab is built\n\nPublished: 2026-03-12\n\n{TEXT}")
    machine.write("archive/2025-05-01-second.md", f"---\ntitle: Second\n---\n\n{TEXT}")
    machine.write("notes/A note.md", f"---\ncreated: 2025-06-01\n---\n\n{TEXT}")
    shutil.copy(ROOT / "tests/importing/exports/wordpress.xml", machine.path("old-site.xml"))
    machine.write("content/site.toml", SITE.replace('"Chips"', '{ en = "Chips", zh-Hant = "晶片" }'))


def before_move_server(machine: Machine) -> None:
    """The folders of Deploy, and programs that copy between two machines, both of which are this folder."""
    machine.fake("scp", "curl")
    site(machine, "/srv/publication/content")
    machine.path("/var/lib/feedsvc").mkdir(exist_ok=True)
    machine.environment |= {
        "FEEDSVC_CONTENT": str(machine.path("/srv/publication/content")),
        "FEEDSVC_STORE": str(machine.path("/var/lib/feedsvc/store.sqlite3")),
    }
    assert CliRunner().invoke(main, ["sync"], env=machine.environment).exit_code == 0
    machine.notes["etag"] = etag(machine)
    machine.program("/srv/feedsvc/.venv/bin/feedsvc", f'exec "{sys.executable}" -m feedsvc "$@"')
    old = machine.path("/var/lib/feedsvc")
    machine.program(
        machine.root / "fakes/install",
        f'rm -rf "{old}"; mkdir "{old}"; cp "{machine.where}/copy.sqlite3" "${{@: -1}}"',
    )
    machine.program(machine.root / "fakes/runuser", 'shift 3; exec "$@"')


def after_move_server(machine: Machine) -> None:
    assert etag(machine) == machine.notes["etag"]
    assert "scp -r copy.sqlite3" in machine.recorded
    assert "systemctl enable --now feedsvc" in machine.recorded


HUGO_TOML = """\
+++
title = "A second look"
date = 2026-03-01T10:00:00+08:00
lastmod = 2026-03-02T10:00:00+08:00
categories = ["chips"]
aliases = ["/old/second/"]
[params]
math = true
+++

Text.
"""
HUGO_YAML = "---\ntitle: A bundle\ndate: 2026-03-05\ncategories: [chips]\n---\n\n![A picture](a.png)\n"
JEKYLL = f"""\
<feed xmlns="http://www.w3.org/2005/Atom"><generator uri="https://jekyllrb.com/" version="4.4.1">Jekyll</generator>
<link href="https://blog.example.net/"/><id>https://blog.example.net/feed.xml</id><title>Yard</title>
<updated>2026-01-05T00:00:00+00:00</updated><entry><title type="html">First steps</title>
<link href="https://blog.example.net/chips/2026/01/05/first-steps.html" rel="alternate" type="text/html"/>
<published>2026-01-05T00:00:00+00:00</published><updated>2026-01-05T00:00:00+00:00</updated>
<id>https://blog.example.net/chips/2026/01/05/first-steps</id><category term="chips"/>
<content type="html">&lt;p&gt;{TEXT.replace(chr(10), " ")}&lt;/p&gt;</content></entry></feed>
"""


def ghost_export() -> str:
    """An export of Ghost 5: a post, a draft, a post for members, and a tag that Ghost uses itself."""
    day = {"updated_at": "2026-01-05T00:00:00.000Z", "published_at": "2026-01-02T03:04:05.000Z"}
    html = f'<p>{TEXT}<a href="__GHOST_URL__/x/">x</a></p>'
    post = {"type": "post", "status": "published", "visibility": "public", "html": html, **day}
    posts = [
        {"id": "5f1", "title": "Ghost one", "slug": "ghost-one", "custom_excerpt": "Short", **post},
        {"id": "5f2", "title": "Ghost two", "slug": "ghost-two", **post, "status": "draft"},
        {"id": "5f3", "title": "Ghost three", "slug": "ghost-three", **post, "visibility": "members"},
    ]
    tables = {
        "posts": posts,
        "tags": [{"id": "t1", "name": "Chips", "slug": "chips"}, {"id": "t2", "name": "#x", "slug": "hash-x"}],
        "posts_tags": [{"post_id": each["id"], "tag_id": tag} for each in posts for tag in ("t1", "t2")],
        "users": [{"id": "1", "name": "Jane Doe", "slug": "jane"}],
        "posts_authors": [{"post_id": "5f1", "author_id": "1"}],
    }
    return json.dumps({"db": [{"meta": {"version": "5.80.0"}, "data": tables}]})


def before_move_from(machine: Machine) -> None:
    """The files that the four systems export, and the files that the page says to write."""
    machine.fake("bundle", "curl")
    texts = dict(blocks((ROOT / "docs/how-to/move-from.md").read_text("utf-8")))
    machine.where = machine.path("news/x").parent
    presets = '["wordpress", "ghost", "hugo", "jekyll"]'
    toml = re.sub(r"(?<=^redirect_presets = ).*", presets, texts["toml"], flags=re.MULTILINE)
    machine.write("content/site.toml", toml.replace('"semiconductors"', '"晶片"'))
    machine.write("hugo-to-feedsvc.py", texts["python"])
    shutil.copy(ROOT / "tests/importing/exports/wordpress.xml", machine.path("wordpress.xml"))
    machine.path("uploads").mkdir()
    machine.write("ghost.json", ghost_export())
    (machine.where / "content/articles").mkdir()
    machine.write("../blog/content/posts/_index.md", "---\ntitle: Posts\n---\n")
    machine.write("../blog/content/posts/second-look.md", HUGO_TOML)
    machine.write("../blog/content/posts/bundle/index.md", HUGO_YAML)
    machine.write("../blog/content/posts/draft.md", HUGO_YAML.replace("title:", "draft: true\ntitle:"))
    for name, fields in {
        "with-slug.md": "slug: another-name",
        "with-url.md": "url: /special/one.html\naliases: [/older/]",
        "2024/Nested Post.md": "tags: [x]",
    }.items():
        machine.write(
            f"../blog/content/posts/{name}",
            f"---\ntitle: {name}\n{fields}\ndate: 2026-03-06\ncategories: [chips]\n---\n\n{name}\n",
        )
    machine.write("../blog/content/posts/other.zh.md", HUGO_YAML.replace("title:", "draft: true\ntitle:"))
    machine.path("../blog/content/posts/bundle/a.png").write_bytes(PNG)
    machine.write("../blog/_site/feed.xml", JEKYLL)


def after_move_from(machine: Machine) -> None:
    """Old addresses of articles and feeds redirect, ids are those of the former feeds, private posts are not there."""
    client = create_app(load_settings({}, content=machine.where / "content")).test_client()
    assert location(client, "/posts/second-look/") == "/articles/second-look"
    assert location(client, "/posts/bundle/") == "/articles/bundle"
    assert location(client, "/posts/another-name/") == "/articles/another-name"
    assert location(client, "/special/one.html") == location(client, "/older/") == "/articles/with-url"
    assert location(client, "/posts/2024/nested-post/") == "/articles/nested-post"
    assert location(client, "/old/second/") == "/articles/second-look"
    assert location(client, "/ghost-one/") == "/articles/ghost-one"
    assert location(client, "/chips/2026/01/05/first-steps.html") == "/articles/first-steps"
    assert location(client, "/?p=42").startswith("/articles/")
    assert location(client, "/feed/") == "/feeds/all.rss"
    assert location(client, "/categories/chips/index.xml") == "/feeds/chips.rss"
    assert location(client, "/tag/chips/rss/") == "/feeds/chips.rss"
    assert location(client, "/feed.xml") == "/feeds/all.atom"
    feed = client.get("/feeds/all.json").get_json()
    ids = {item["id"] for item in feed["items"]}
    old = "https://blog.example.net"
    assert {f"{old}{path}" for path in ("/posts/another-name/", "/special/one.html", "/posts/2024/nested-post/")} <= ids
    assert {"5f1", f"{old}/posts/bundle/", f"{old}/chips/2026/01/05/first-steps", f"{old}/?p=42"} <= ids
    assert not {"5f2", "5f3", f"{old}/posts/draft/"} & ids
    assert client.get("/posts/draft/").status_code == 404


def before_upgrade(machine: Machine) -> None:
    """A publication with a store of 0.1.0."""
    machine.fake("git")
    fixture, state = ROOT / "tests/upgrade/0.1.0", machine.path("/var/lib/feedsvc/store.sqlite3")
    machine.path("/srv/feedsvc").mkdir()
    shutil.copytree(fixture / "content", machine.path("/srv/publication/content"))
    state.write_bytes(gzip.decompress((fixture / "store.sqlite3.gz").read_bytes()))
    content = machine.path("/srv/publication/content")
    machine.environment |= {"FEEDSVC_CONTENT": str(content), "FEEDSVC_STORE": str(state)}


def after_upgrade(machine: Machine) -> None:
    with closing(sqlite3.connect(machine.where / "store.sqlite3")) as store:
        assert store.execute("SELECT count(*) FROM files WHERE retry = 1").fetchone()[0] > 20
    assert (machine.where / "newer/store.sqlite3").exists()


def after_export(machine: Machine) -> None:
    assert "wafer" in (machine.where / "out/articles/wafer.html").read_text("utf-8")


def before_git(machine: Machine) -> None:
    """A publication without git here, and on the server a clone that lacks the last commit of its origin."""
    site(machine)
    machine.environment |= {
        f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    machine.environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    origin, server = machine.path("/origin"), machine.path("/srv/publication")
    for words in (
        f"init -q -b main {origin}",
        f"-C {origin} commit -q --allow-empty -m x",
        f"clone -q {origin} {server}",
        f"-C {origin} add .",
        f"-C {origin} commit -q -m y",
    ):
        site(machine, "/origin/content")
        subprocess.run(["git", *words.split()], env={**os.environ, **machine.environment}, check=True)


def after_git(machine: Machine) -> None:
    files = subprocess.check_output(["git", "ls-files"], cwd=machine.where, text=True).split()
    assert files == [".gitignore", "content/articles/wafer.md", "content/site.toml"]
    assert os.access(machine.where / ".git/hooks/pre-push", os.X_OK)
    content = machine.path("/srv/publication/content")
    assert "1 added" in CliRunner().invoke(main, ["sync", "--content", str(content)]).output


def before_sample(machine: Machine) -> None:
    """In the folder of the clone; the sample publication was served from the folder `sample` in it."""
    machine.where = machine.path("clone/x").parent
    site(machine, "sample")
    machine.write("sample/site.toml", SITE.replace("example.org,2026", "sample.example,2026"))
    assert CliRunner().invoke(main, ["sync", "--content", str(machine.where / "sample")]).exit_code == 0


def after_sample(machine: Machine) -> None:
    client = create_app(load_settings({}, content=machine.where / "sample")).test_client()
    feed = client.get("/feeds/all.atom").text
    assert "/articles/first" in feed
    assert "deleted-entry" not in feed
    assert client.get("/articles/wafer").status_code == 404


def nothing(_: Machine) -> None:
    """What a page needs before it, or leaves behind, if that is nothing."""


def before_topics(machine: Machine) -> None:
    """An article in a topic, which site.toml then has under another name, in the lines that the page shows."""
    (renamed,) = (text for _, text in blocks((ROOT / machine.page).read_text("utf-8")) if "aliases" in text)
    head = SITE.partition("[topics")[0]
    machine.write("content/site.toml", f'{head}[topics.power]\ntitle = "Power"\n')
    machine.write("content/articles/x.md", "---\ntitle: X\npublished: 2026-11-01\ntopics: [power]\n---\n\nText.\n")
    assert CliRunner().invoke(main, ["sync", "--content", str(machine.where / "content")]).exit_code == 0
    machine.write("content/site.toml", head + renamed)


def after_topics(machine: Machine) -> None:
    content = machine.where / "content"
    assert CliRunner().invoke(main, ["sync", "--content", str(content)]).exit_code == 0
    client = create_app(load_settings({}, content=content)).test_client()
    assert location(client, "/feeds/power.atom").endswith("/feeds/energy.atom")
    assert "/articles/x" in client.get("/feeds/energy.atom").text


def before_domain(machine: Machine) -> None:
    """A publication at its old domain, whose site.toml then has the lines that the page shows."""
    before_backup(machine)
    texts = dict(blocks((ROOT / machine.page).read_text("utf-8")))
    assert SITE.count("base_url") == SITE.count("tag_authority") == 1
    rest = [line for line in SITE.splitlines() if not line.startswith(("base_url", "tag_authority"))]
    machine.write("content/site.toml", "\n".join([texts["toml"], *rest]))


def after_domain(machine: Machine) -> None:
    client = create_app(load_settings({}, content=machine.where / "content")).test_client()
    feed = client.get("/feeds/all.atom").text
    assert "<id>tag:example.org,2026:wafer</id>" in feed
    assert "https://new.example.com/articles/wafer" in feed
    assert "news.example.org" not in feed


# How each page is walked: what is there before its first command, and what must hold after its last one.
WALKS: dict[str, tuple[Callable[[Machine], None], Callable[[Machine], None]]] = {
    "README.md": (nothing, nothing),
    "docs/how-to/backup.md": (before_backup, nothing),
    "docs/how-to/check-a-deployment.md": (nothing, nothing),
    "docs/how-to/deploy.md": (before_deploy, after_deploy),
    "docs/how-to/domain.md": (before_domain, after_domain),
    "docs/how-to/export.md": (site, after_export),
    "docs/how-to/git.md": (before_git, after_git),
    "docs/how-to/import.md": (before_import, nothing),
    "docs/how-to/install.md": (nothing, nothing),
    "docs/how-to/move-from.md": (before_move_from, after_move_from),
    "docs/how-to/move-server.md": (before_move_server, after_move_server),
    "docs/how-to/preview.md": (nothing, nothing),
    "docs/how-to/replace-sample.md": (before_sample, after_sample),
    "docs/how-to/topics.md": (before_topics, after_topics),
    "docs/how-to/translate.md": (nothing, nothing),
    "docs/how-to/upgrade.md": (before_upgrade, after_upgrade),
}


@pytest.mark.parametrize("name", WALKS)
def test_every_command_of_the_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [each for each in os.environ if each.startswith("FEEDSVC_")]:
        monkeypatch.delenv(variable)
    before, after = WALKS[name]
    machine = Machine(name, tmp_path, tmp_path / "home")
    machine.where.mkdir()
    machine.fake(*FAKES)
    machine.program(machine.root / "fakes/feedsvc", f'exec "{sys.executable}" -m feedsvc "$@"')
    before(machine)
    for command in of_page(name):
        if command not in LISTED:
            machine.run(command, monkeypatch)
    after(machine)


def test_every_page_with_commands_is_walked_and_every_listed_command_exists() -> None:
    languages = {name: {each for each, _ in blocks((ROOT / name).read_text("utf-8"))} for name in PAGES}
    with_commands = {name for name, found in languages.items() if found & {"console", "sh"}}
    assert with_commands == set(WALKS) | set(ELSEWHERE)
    said = {command for name in WALKS for command in of_page(name)}
    assert set(LISTED) <= said
    for name, test in ELSEWHERE.items():
        assert name.removeprefix("docs/") in (ROOT / test).read_text("utf-8")
    for reason in LISTED.values():
        assert all((ROOT / test).exists() for test in re.findall(r"tests/\w+/?\w+\.py", reason))
