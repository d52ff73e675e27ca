"""The bodies of requests, which granian closes when its thread returns, are read by that thread."""

import threading
from io import BytesIO
from typing import Any

import pytest

from feedsvc.server import granian_worker
from feedsvc.server.granian_worker import MAX_BODY_BYTES, BodyReader


class Slow:
    """A body that does not come before `sent`."""

    def __init__(self) -> None:
        self.sent, self.is_read = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.is_read.set()
        self.sent.wait()
        return b"late"


def request(body: Any, length: str, path: str = "/hub") -> dict[str, Any]:
    """Return what granian says of a request."""
    return {"PATH_INFO": path, "CONTENT_LENGTH": length, "wsgi.input": body}


def test_a_body_is_read_up_to_a_size() -> None:
    reader = BodyReader()
    assert reader.read(request(BytesIO(b"hub.mode=subscribe&more"), "18")) == b"hub.mode=subscribe"
    whole = b"x" * MAX_BODY_BYTES
    assert reader.read(request(BytesIO(whole), str(len(whole)), "/hub/self-test/x")) == whole


@pytest.mark.parametrize("length", ["", "-1", "x", "\u0663", str(MAX_BODY_BYTES + 1), "9" * 400])
def test_a_body_of_another_length_is_not_read(length: str) -> None:
    assert BodyReader().read(request(BytesIO(b"hub.mode=subscribe"), length)) == b""


def test_no_other_resource_has_a_body() -> None:
    assert BodyReader().read(request(BytesIO(b"x"), "1", "/feeds/all.atom")) == b""


def test_a_body_waits_for_one_that_has_just_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granian_worker, "BODY_SECONDS", 600.0)
    reader, first, second, found = BodyReader(), Slow(), Slow(), list[bytes | None]()
    threads = [
        threading.Thread(target=lambda body=body: found.append(reader.read(request(body, "4"))))
        for body in (first, second)
    ]
    threads[0].start()
    first.is_read.wait()
    threads[1].start()
    assert not second.is_read.is_set()
    first.sent.set()
    second.is_read.wait(60)
    second.sent.set()
    for thread in threads:
        thread.join()
    assert found == [b"late", b"late"]


def test_another_body_is_refused_meanwhile() -> None:
    """So one of granian's two threads always answers polls."""
    reader, slow, found = BodyReader(), Slow(), list[bytes | None]()
    thread = threading.Thread(target=lambda: found.append(reader.read(request(slow, "4"))))
    thread.start()
    slow.is_read.wait()
    assert reader.read(request(BytesIO(b"other"), "5")) is None
    slow.sent.set()
    thread.join()
    assert found == [b"late"]
    assert reader.read(request(BytesIO(b"other"), "5")) == b"other"
