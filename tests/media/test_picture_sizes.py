"""Smaller sizes of pictures: recorded after a sync, offered by pages, absent from feeds."""

import re
import shutil
import subprocess
import sys
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from feedsvc.cli import main
from feedsvc.config import child_environment
from feedsvc.media import media_storage
from feedsvc.slices.slice import Slice
from feedsvc.sync.picture_sizes import make_sizes
from tests.conftest import Publication
from tests.live import wait_for
from tests.media.pictures import encoded, photo, scene
from tests.sync.watchers import until, watching
from tests.web.resources import ask

FEEDS = ("/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json", "/feeds/chips.atom", "/feeds/all.atom?q=text")
PAGES = ("/articles/one", "/", "/topics/chips", "/embed/all?pictures=yes")
pytestmark = pytest.mark.both_engines


def published(publication: Publication, **fields: str) -> None:
    publication.write("articles/photo.jpg", photo())
    publication.article("one", "Text.\n\n![A chip](photo.jpg)", image="photo.jpg", **fields)
    assert not publication.sync().problems


def make(publication: Publication) -> None:
    make_sizes(publication.store, media_storage(publication.settings))


def names(publication: Publication) -> set[str]:
    folder = publication.settings.media_folder
    return {each.name for each in folder.iterdir()} if folder.exists() else set()


def sizes(publication: Publication) -> dict[str, list[tuple[int, str]]]:
    """Return the sizes of each picture that has some."""
    with publication.store.read() as snapshot:
        return {name: list(found) for name, found in snapshot.media.sizes(names(publication)).items()}


def unsized(publication: Publication) -> list[str]:
    with publication.store.read() as snapshot:
        return [each.name for each in snapshot.media.unsized("", 1000)]


def offered(page: str) -> list[dict[str, str]]:
    """Return the attributes of each picture of a page that has several sizes."""
    tags = re.findall(r"<img [^>]*>", page)
    found = [{name: unescape(value) for name, value in re.findall(r' ([a-z]+)="([^"]*)"', tag)} for tag in tags]
    return [each for each in found if "srcset" in each]


def run(publication: Publication, *command: str) -> Result:
    given = ["--content", str(publication.settings.content), "--store", str(publication.settings.store)]
    return CliRunner().invoke(main, [command[0], *given, *command[1:]])


def test_pages_offer_the_sizes_and_feeds_stay_as_they_are(publication: Publication) -> None:
    published(publication)
    client = publication.client()
    feeds = {path: ask(client, path) for path in FEEDS}
    before = {path: ask(client, path) for path in PAGES}
    assert not any(offered(each.text) for each in before.values())
    with publication.store.read() as snapshot:
        cursor, changes = snapshot.changes.cursor(Slice()), snapshot.changes.after(Slice(), 0, 50)
    make(publication)
    for path, page in before.items():
        now = ask(client, path)
        assert now.headers["ETag"] != page.headers["ETag"], path
        assert now.last_modified
        assert page.last_modified
        assert now.last_modified >= page.last_modified
        pictures = offered(now.text)
        assert pictures, path
        for each in pictures:
            own = each["src"]
            assert own.endswith(".jpg")
            if path.startswith("/topics/"):
                # A thumbnail is one size, without a width: no display needs more of it.
                answer = ask(client, each["srcset"])
                assert Image.open(BytesIO(answer.data)).width == 480
                continue
            candidates = {one.split(" ")[1]: one.split(" ")[0] for one in each["srcset"].split(", ")}
            assert list(candidates) == ["480w", "960w", "1440w", *["2000w"] * ("2000w" in candidates)]
            assert candidates.get("2000w", own).endswith(own)
            # Every candidate is there, with the width that the page says.
            for width, url in candidates.items():
                answer = ask(client, url.removeprefix(publication.site.base_url))
                assert answer.status_code == 200
                assert Image.open(BytesIO(answer.data)).width == int(width[:-1])
                assert answer.mimetype == ("image/jpeg" if width == "2000w" else "image/webp")
                assert "immutable" in answer.headers["Cache-Control"]
            assert each["sizes"]
    article = offered(ask(client, "/articles/one").text)
    assert [(each["width"], each["height"], "2000w" in each["srcset"]) for each in article] == [("2000", "1500", True)]
    for path, feed in feeds.items():
        now = ask(client, path)
        assert now.data == feed.data, path
        assert now.headers["ETag"] == feed.headers["ETag"]
        assert now.headers["Last-Modified"] == feed.headers["Last-Modified"]
    with publication.store.read() as snapshot:
        assert snapshot.changes.cursor(Slice()) == cursor
        assert snapshot.changes.after(Slice(), 0, 50) == changes
    # What is cached says so.
    assert ask(client, "/articles/one", If_None_Match=before["/articles/one"].headers["ETag"]).status_code == 200


def test_they_come_and_go_with_their_picture(publication: Publication) -> None:
    published(publication)
    publication.article("two", "![The same](photo.jpg)")
    publication.sync()
    make(publication)
    (picture,) = sizes(publication)
    made = {name for _, name in sizes(publication)[picture]}
    assert names(publication) == {picture, *made}
    # A later article with the same picture has its sizes at once.
    publication.article("three", "![The same](photo.jpg)")
    publication.sync()
    assert unsized(publication) == []
    assert len(offered(ask(publication.client(), "/articles/three").text)) == 1
    for gone in ("one", "two"):
        (publication.settings.content / f"articles/{gone}.md").unlink()
        publication.sync()
        assert names(publication) == {picture, *made}
    (publication.settings.content / "articles/three.md").unlink()
    publication.sync(allow_removals=True)
    assert names(publication) == set()
    with publication.store.read() as snapshot:
        assert [snapshot.media.file(each) for each in made] == [None] * 3


def test_sizes_of_a_scheduled_article_are_not_public(publication: Publication) -> None:
    published(publication, published="2027-01-01")
    with publication.store.read() as snapshot:
        version = snapshot.version()
    make(publication)
    (found,) = sizes(publication).values()
    client = publication.client()
    assert len(found) == 3
    assert {ask(client, f"/media/{name}").status_code for _, name in found} == {404}
    # Readers see nothing of it.
    with publication.store.read() as snapshot:
        assert snapshot.version() == version


def test_lost_sizes_are_made_again(publication: Publication, caplog: pytest.LogCaptureFixture) -> None:
    published(publication)
    make(publication)
    client, feed = publication.client(), ask(publication.client(), "/feeds/all.atom").data
    whole, before = ask(client, "/articles/one").data, names(publication)
    (found,) = sizes(publication).values()
    (publication.settings.media_folder / found[0][1]).unlink()
    with publication.store.read() as snapshot:
        missing = snapshot.media.missing(media_storage(publication.settings))
        assert {name: len(ids) for name, ids in missing.items()} == {found[0][1]: 1}
    assert "the next sync makes them again" in run(publication, "check").output
    assert publication.sync().is_unchanged
    # Until it is there again, no page offers it.
    assert not offered(ask(client, "/articles/one").text)
    make(publication)
    assert names(publication) == before
    assert ask(client, "/articles/one").data == whole
    assert ask(client, "/feeds/all.atom").data == feed
    assert run(publication, "check").exit_code == 0


@pytest.mark.usefixtures("old_files")
def test_a_lost_folder_comes_back_whole(publication: Publication) -> None:
    published(publication)
    make(publication)
    before = names(publication)
    shutil.rmtree(publication.settings.media_folder)
    publication.sync()
    make(publication)
    assert names(publication) == before


def test_one_setting_turns_them_off(publication: Publication) -> None:
    toml = (publication.settings.content / "site.toml").read_text()
    publication.write("site.toml", f"picture_sizes = false\n{toml}")
    published(publication)
    make(publication)
    assert sizes(publication) == {}
    assert len(unsized(publication)) == 1
    publication.write("site.toml", toml)
    publication.sync()
    make(publication)
    client = publication.client()
    assert offered(ask(client, "/articles/one").text)
    publication.write("site.toml", f"picture_sizes = false\n{toml}")
    publication.sync()
    assert not any(offered(ask(client, path).text) for path in PAGES)


def test_a_picture_without_sizes_is_named_once(publication: Publication, caplog: pytest.LogCaptureFixture) -> None:
    publication.write("articles/照片.jpg", photo()[:-5000])
    publication.write("articles/small.png", encoded(scene(100, 80), "PNG"))
    publication.write("articles/logo.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    publication.article("one", "![a](照片.jpg) ![b](small.png) ![c](logo.svg)")
    publication.sync()
    make(publication)
    make(publication)
    (said,) = [each for each in caplog.messages if "has no smaller sizes" in each]
    assert said.startswith(
        "articles/one.md: 照片.jpg has no smaller sizes, pages show it as it is: it cannot be decoded"
    )
    assert unsized(publication) == []
    assert sizes(publication) == {}
    assert ask(publication.client(), "/articles/one").status_code == 200
    # A whole sync looks again.
    assert run(publication, "sync", "--full").exit_code == 0
    assert len([each for each in caplog.messages if "has no smaller sizes" in each]) == 2


@pytest.mark.parametrize("how", ["export", "sync"])
def test_the_commands_make_them(publication: Publication, how: str, tmp_path: Path) -> None:
    publication.write("articles/photo.jpg", photo())
    publication.article("one", "![A chip](photo.jpg)", image="photo.jpg")
    done = run(publication, "sync", "--no-sizes")
    assert done.exit_code == 0
    assert len(unsized(publication)) == 1
    target = tmp_path / "site"
    if how == "export":
        assert run(publication, "export", str(target)).exit_code == 0
        first = {each.relative_to(target): each.stat().st_mtime_ns for each in target.rglob("*") if each.is_file()}
    assert run(publication, "sync").exit_code == 0
    assert unsized(publication) == []
    if how == "export":
        assert run(publication, "export", str(target)).exit_code == 0
        for path in ("articles/one", "index.html", "topics/chips"):
            (page,) = [
                each
                for each in (target / path, target / f"{path}.html", target / path / "index.html")
                if each.is_file()
            ]
            for each in offered(page.read_text()):
                for candidate in each["srcset"].split(", "):
                    url = candidate.split(" ")[0]
                    assert (target / url.removeprefix(publication.site.base_url).lstrip("/")).is_file()
            assert offered(page.read_text()), path
        for feed in target.glob("feeds/*.*"):
            if feed.suffix in (".atom", ".rss", ".json"):
                assert feed.stat().st_mtime_ns == first[feed.relative_to(target)], feed


def test_the_watcher_makes_them(publication: Publication) -> None:
    """An article does not wait for them; what is saved meanwhile does not either."""
    publication.write("articles/photo.jpg", photo())
    publication.article("one", "![A chip](photo.jpg)", title="one")
    with watching(publication.settings):
        until(publication, "one")
        wait_for(lambda: len(sizes(publication)) == 1, "the sizes of a picture")
        publication.write("articles/other.jpg", photo(seed=1))
        publication.article("two", "![A chip](other.jpg)", title="two")
        until(publication, "one", "two")
        wait_for(lambda: len(sizes(publication)) == 2, "the sizes of two pictures")
    assert unsized(publication) == []


def test_it_goes_on_after_a_kill(publication: Publication) -> None:
    """SIGKILL at any moment: the next sync makes what lacks, and no page offers what is not there."""
    for number in range(12):
        publication.write(f"articles/{number}.jpg", photo(700, 500, seed=number))
        publication.article(f"n{number}", f"![A chip]({number}.jpg)")
    publication.sync()
    environment = child_environment(publication.settings)
    script = "import feedsvc.sync.picture_sizes as step; step.PORTION = 2; from feedsvc.cli import main; main(['sync'])"
    for wanted in (0, 3, 7):
        process = subprocess.Popen((sys.executable, "-c", script), env=environment, stdout=subprocess.DEVNULL)

        def has_come_so_far(wanted: int = wanted, process: subprocess.Popen[bytes] = process) -> bool:
            return 12 - len(unsized(publication)) >= wanted or process.poll() is not None

        wait_for(has_come_so_far, f"{wanted} pictures")
        process.kill()
        process.wait()
        client = publication.client()
        for number in range(12):
            for each in offered(ask(client, f"/articles/n{number}").text):
                for candidate in each["srcset"].split(", "):
                    path = candidate.split(" ")[0].removeprefix(publication.site.base_url)
                    assert ask(client, path).status_code == 200
    publication.sync(whole=True)
    make(publication)
    assert unsized(publication) == []
    found = sizes(publication)
    assert len(found) == 12
    # Nothing is left over.
    assert names(publication) == {*found, *(name for some in found.values() for _, name in some)}


def test_a_file_that_is_away_is_looked_at_later(publication: Publication) -> None:
    published(publication)
    (name,) = names(publication)
    kept = publication.settings.media_folder.rename(publication.settings.media_folder.with_name("away"))
    make(publication)
    assert unsized(publication) == [name]
    kept.rename(publication.settings.media_folder)
    make(publication)
    assert unsized(publication) == []


def test_no_program_is_no_reason(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    published(publication)
    with monkeypatch.context() as patch:
        patch.setattr("feedsvc.pictures.shrinker._COMMAND", (sys.executable, "-c", "pass"))
        make(publication)
    assert len(unsized(publication)) == 1
    assert [each for each in caplog.messages if "pictures get no smaller sizes" in each]
    make(publication)
    assert unsized(publication) == []


def test_media_in_object_storage(remote: Publication) -> None:
    published(remote)
    make(remote)
    client = remote.client()
    (picture,) = offered(ask(client, "/articles/one").text)
    for candidate in picture["srcset"].split(", "):
        assert ask(client, candidate.split(" ")[0].removeprefix(remote.site.base_url)).status_code == 200
