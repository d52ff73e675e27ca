"""Commands and settings about media in object storage."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.config import Settings, environment, load_settings, preview_settings
from feedsvc.doctor.machine_checks import check_disks, check_store
from feedsvc.doctor.visit import Visit
from feedsvc.errors import ConfigError
from tests.conftest import Publication
from tests.media.test_sync import bundle, kept, objects_of
from tests.object_server import ObjectServer


@pytest.fixture
def ready(remote: Publication, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """Return a publication with one picture, and let commands of this process find it."""
    bundle(remote)
    remote.sync()
    for name, value in environment(remote.settings).items():
        if name in ("FEEDSVC_CONTENT", "FEEDSVC_STORE", "FEEDSVC_MEDIA", "FEEDSVC_STATE"):
            monkeypatch.setenv(name, value)
    return remote


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    return done.exit_code, done.output


def test_status_says_what_is_missing_or_away(ready: Publication, object_server: ObjectServer) -> None:
    run("sync")
    assert '"problems": []' in run("status", "--json")[1]
    objects_of(ready).storage.delete(kept(ready))
    code, text = run("status")
    assert (code, "files of articles are missing from the object storage or damaged: 1" in text) == (1, True)
    object_server.fault = ("*", 403)
    code, text = run("status")
    assert code == 1
    assert "warning: the object storage with the files of articles cannot be used" in text
    assert "s3://bucket/media cannot be read: access is denied (403) (check AWS_ACCESS_KEY_ID" in text
    names = [each["name"] for each in json.loads(run("status", "--json")[1])["problems"]]
    assert names == ["media-unreadable"]
    # The right to list them is not the right to read them.
    run("sync", "--full")
    object_server.fault, object_server.closed = None, "/bucket/media/"
    run("sync")
    code, text = run("status")
    assert code == 1
    assert "s3://bucket/media cannot be read: access is denied (403)" in text
    assert "missing" not in text


def test_check_warns(ready: Publication, object_server: ObjectServer) -> None:
    """A check of texts does not fail for the storage."""
    assert "s3://" not in run("check")[1]
    object_server.fault = ("*", 403)
    code, text = run("check")
    assert (code, "articles: warning: s3://bucket/media cannot be read: access is denied" in text) == (0, True)


def test_doctor_looks_at_it(ready: Publication, object_server: ObjectServer) -> None:
    visit = Visit("http://127.0.0.1:9", ready.settings)
    assert [each.status for each in check_store(visit)] == ["ok"]
    object_server.fault = ("*", 403)
    told = list(check_store(visit))
    assert "s3://bucket/media cannot be read: access is denied" in told[-1].seen
    assert [each for each in check_disks(visit) if "s3://" in each.seen] == []


def test_a_sync_that_cannot_put(ready: Publication, object_server: ObjectServer) -> None:
    bundle(ready, "two", b'<svg xmlns="http://www.w3.org/2000/svg" id="two"/>')
    object_server.fault = ("PUT", 403)
    code, text = run("sync")
    assert (code, "s3://bucket/media cannot be written: access is denied (403)" in text) == (2, True)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("s3://bucket", r"FEEDSVC_MEDIA: s3:// is not followed by a bucket and a prefix \(write s3://bucket/prefix"),
        (
            "https://bucket/x",
            r"FEEDSVC_MEDIA: https:// is no object storage that is known \(write s3://, gs:// or az://",
        ),
        ("s3://bucket/a/../b", r"FEEDSVC_MEDIA: the prefix has an empty part"),
    ],
)
def test_urls_that_cannot_be_used(written: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings({"FEEDSVC_MEDIA": written})


def test_settings_go_to_child_processes(tmp_path: Path) -> None:
    given = {"FEEDSVC_MEDIA": "s3://bucket/a b/媒體", "FEEDSVC_CONTENT": str(tmp_path / "content")}
    settings = load_settings(given)
    assert (settings.media, settings.media_cache_bytes) == ("s3://bucket/a b/媒體", 1024**3)
    assert load_settings(environment(settings)) == settings
    with pytest.raises(ConfigError, match=r"s3://bucket/a b/媒體: not a folder"):
        _ = settings.media_folder


def test_nginx_cannot_send_objects() -> None:
    message = r"FEEDSVC_ACCEL: nginx sends files of a folder, and FEEDSVC_MEDIA is s3://b/p \(unset FEEDSVC_ACCEL"
    with pytest.raises(ConfigError, match=message):
        Settings(media="s3://b/p", accel="/media-files/")


def test_a_preview_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """Drafts never get into the bucket of the publication."""
    settings = Settings(store=tmp_path / "store.sqlite3", media="s3://bucket/media")
    assert preview_settings(settings).media == settings.state / "drafts" / "media"


def test_a_watcher_makes_no_request_while_nothing_changes(ready: Publication, object_server: ObjectServer) -> None:
    from feedsvc.sync.watch import Watcher

    watcher = Watcher(replace(ready.settings, watch="poll"), ready.store)
    watcher._sync()
    object_server.requests.clear()
    for _ in range(5):
        assert not watcher._is_due()
    assert object_server.requests == []
