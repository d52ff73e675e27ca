"""The adapter of obstore against a real S3."""

from collections.abc import Iterator

import pytest

from feedsvc.errors import ConfigError, StorageUnavailable
from feedsvc.storage.object_storage import ObjectStorage, split_url
from tests.object_server import ObjectServer, bucket


@pytest.fixture
def storage(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStorage]:
    with bucket(object_server, monkeypatch) as url:
        yield ObjectStorage(url)


def test_objects_come_back_with_their_header_fields(storage: ObjectStorage, object_server: ObjectServer) -> None:
    storage.put("a.svg", b"<svg/>", {"Content-Type": "image/svg+xml", "Cache-Control": "max-age=5"})
    assert storage.get("a.svg", 0, 100) == (b"<svg/>", 6)
    assert storage.get("a.svg", 1, 3) == (b"sv", 6)
    assert storage.lengths() == {"a.svg": 6}
    assert (storage.length("a.svg"), storage.length("b.svg")) == (6, None)
    fields = storage._obstore.get(storage._store, "a.svg").attributes
    assert fields == {"Content-Type": "image/svg+xml", "Cache-Control": "max-age=5"}
    storage.delete(["a.svg", "never.svg"])
    assert storage.lengths() == {}
    with pytest.raises(FileNotFoundError):
        storage.get("a.svg", 0, 1)
    assert storage.problem == ""


@pytest.mark.parametrize("prefix", ["a%20b", "100%", "a b", "媒體", "a+b", "~a", "*{a}", "a/b/c", "#a", "a?b"])
def test_odd_prefixes(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    with bucket(object_server, monkeypatch):
        storage = ObjectStorage(f"s3://bucket/{prefix}")
        other = ObjectStorage("s3://bucket/other")
        storage.put("x", b"1", {})
        other.put("y", b"1", {})
        assert (storage.lengths(), storage.get("x", 0, 9)) == ({"x": 1}, (b"1", 1))
        storage.delete(["x"])
        assert (storage.lengths(), other.lengths()) == ({}, {"y": 1})


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket",
        "s3://bucket/",
        "s3:///prefix",
        "s3://bucket//prefix",
        "s3://bucket/a/../b",
        "s3://bucket/a/./b",
        "s3://bucket/a//b",
        "s3://bucket/a\nb",
        "s3://key:secret@bucket/prefix",
        "https://bucket/prefix",
        "S3://bucket/prefix",
        "://bucket/prefix",
    ],
)
def test_urls_that_name_no_prefix(url: str) -> None:
    with pytest.raises(ValueError, match=r"\(write "):
        split_url(url)


@pytest.mark.parametrize("url", ["s3://b/p", "gs://b/p", "az://b/p", "s3://my.bucket-1/p/q/"])
def test_urls_of_each_cloud(url: str) -> None:
    scheme, bucket_, prefix = split_url(url)
    assert f"{scheme}://{bucket_}/{prefix}" == url.rstrip("/")


def test_a_bucket_that_does_not_exist(storage: ObjectStorage) -> None:
    other = ObjectStorage("s3://nowhere/media")
    for act in (
        lambda: other.put("x", b"1", {}),
        other.lengths,
        lambda: other.get("x", 0, 1),
        lambda: other.delete("x"),
    ):
        with pytest.raises(
            StorageUnavailable, match=r"^s3://nowhere/media cannot be \w+: there is no such bucket \(create"
        ):
            act()
    assert other.problem.startswith("s3://nowhere/media cannot be deleted: there is no such bucket")


def test_credentials_that_are_not_accepted(storage: ObjectStorage, object_server: ObjectServer) -> None:
    """What is wrong, where, and what to check; the message has no credentials."""
    object_server.ask("POST", "/moto-api/reset-auth", b"0")
    try:
        for act in (lambda: storage.put("x", b"1", {}), storage.lengths, lambda: storage.get("x", 0, 1)):
            with pytest.raises(StorageUnavailable) as caught:
                act()
            text = str(caught.value)
            assert "s3://bucket/media cannot be" in text
            assert "access is denied (" in text
            assert "check AWS_ACCESS_KEY_ID" in text
            assert "\n" not in text
    finally:
        object_server.ask("POST", "/moto-api/reset-auth", b"inf")


def test_a_server_that_is_away(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    away = ObjectStorage("s3://bucket/media")
    with pytest.raises(StorageUnavailable) as caught:
        away.put("x", b"1", {})
    assert str(caught.value) == (
        "s3://bucket/media cannot be written: HTTP error: error sending request "
        "(check AWS_ENDPOINT_URL and the network; an endpoint of http:// needs AWS_ALLOW_HTTP=true)"
    )
    assert away.problem == str(caught.value)
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(StorageUnavailable, match=r"AWS_ALLOW_HTTP=true\)$"):
        ObjectStorage("s3://bucket/media").put("x", b"1", {})


def test_a_server_that_does_not_answer(
    storage: ObjectStorage, object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request ends after the time of its variable, and the next one fails at once; both recover by themselves."""
    monkeypatch.setenv("AWS_TIMEOUT", "1s")
    monkeypatch.setattr("feedsvc.storage.object_storage.PAUSE_SECONDS", 3600.0)
    slow = ObjectStorage("s3://bucket/media")
    object_server.gate.clear()
    with pytest.raises(StorageUnavailable, match=r"cannot be read: HTTP error"):
        slow.get("x", 0, 1)
    object_server.gate.set()
    count = len(object_server.requests)
    with pytest.raises(StorageUnavailable, match=r"cannot be read: HTTP error"):
        slow.get("x", 0, 1)
    assert len(object_server.requests) == count
    slow._paused_until = 0.0
    slow.put("x", b"1", {})
    assert (slow.get("x", 0, 1), slow.problem) == ((b"1", 1), "")


def test_an_upload_that_fails_leaves_no_object(storage: ObjectStorage, object_server: ObjectServer) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a" * 6 * 1024 * 1024
        yield b"b" * 6 * 1024 * 1024
        raise KeyError("changed")

    with pytest.raises(KeyError, match="changed"):
        storage.put("x", pieces(), {})
    assert storage.lengths() == {}
    assert b"<Upload>" not in object_server.ask("GET", "/bucket?uploads")[0]


def test_an_installation_without_obstore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    with pytest.raises(
        ConfigError, match=r"s3://b/p needs the package obstore \(install .*pip install 'feedsvc\[s3\]'\)"
    ):
        ObjectStorage("s3://b/p")


def test_a_failure_is_over_after_a_while(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that nobody asks for a file does not warn for ever."""
    other = ObjectStorage("s3://nowhere/media")
    with pytest.raises(StorageUnavailable):
        other.lengths()
    assert other.problem
    monkeypatch.setattr("feedsvc.storage.object_storage.PROBLEM_SECONDS", 0.0)
    assert not other.problem


def test_a_variable_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said at the start of a command, not at the first request."""
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    message = r"^az://c/p: .*Account must be specified \(check AZURE_STORAGE_ACCOUNT_NAME"
    with pytest.raises(ConfigError, match=message):
        ObjectStorage("az://c/p")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "name")
    assert str(ObjectStorage("az://c/p")) == "az://c/p"
    assert str(ObjectStorage("gs://b/p")) == "gs://b/p"


@pytest.mark.parametrize("value", ["nonsense", "host:9000", "http://", "https://ho st", "https://host/ü"])
def test_an_endpoint_that_is_no_url(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """obstore would end the process at the first request."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", value)
    with pytest.raises(ConfigError, match=r"^AWS_ENDPOINT_URL: .* is no URL of a server \(write "):
        ObjectStorage("s3://b/p")
    for good in ("http://127.0.0.1:9000", "https://[::1]:9000/", "https://s3.example.org/path", ""):
        monkeypatch.setenv("AWS_ENDPOINT_URL", good)
        assert str(ObjectStorage("s3://b/p")) == "s3://b/p"
