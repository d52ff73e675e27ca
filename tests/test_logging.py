"""The log: one event a line as text or JSON, priorities for the journal, request ids, each problem once."""

import json
import logging
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from feedsvc.processes.log_format import LogFormatter, message_of
from feedsvc.terminal import OVER_SECONDS, REPEAT_SECONDS, RepeatedProblems
from tests.conftest import Publication
from tests.live import Server, wait_for


def _record(**fields: object) -> logging.LogRecord:
    try:
        raise ValueError("x\nfeedsvc: forged")
    except ValueError:
        record = logging.LogRecord("feedsvc.x", logging.ERROR, "f", 1, "at %s", ("a\nb\x1b[31m",), sys.exc_info())
    record.fields = fields
    return record


def test_an_event_as_text() -> None:
    first, *rest = LogFormatter().format(_record(request_id="abc", path="/x")).split("\n")
    assert first == "at a\\nb\\x1b[31m (request abc)"
    assert rest[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in rest)


def test_an_event_as_json_is_one_line() -> None:
    text = LogFormatter("json").format(_record(request_id="abc", path="/x\ny", status=5))
    found = json.loads(text)
    assert "\n" not in text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", found.pop("time"))
    assert found.pop("pid") == os.getpid()
    assert found.pop("traceback")[-2:] == ["ValueError: x", "feedsvc: forged"]
    assert found == {
        "level": "error",
        "logger": "feedsvc.x",
        "message": "at a\\nb\\x1b[31m",
        "request_id": "abc",
        "path": "/x\\ny",
        "status": 5,
    }


@pytest.mark.parametrize("kind", ["text", "json"])
def test_each_line_for_the_journal_begins_with_its_priority(kind: str) -> None:
    lines = LogFormatter(kind, is_for_journal=True).format(_record()).split("\n")
    assert all(line.startswith("<3>") for line in lines)
    record = logging.LogRecord("feedsvc.x", logging.WARNING, "f", 1, "w", (), None)
    assert LogFormatter(is_for_journal=True).format(record) == "<4>w"


@pytest.mark.parametrize("line", ["m", "<4>m", '{"message": "m"}', '<3>{"message": "x", "traceback": ["a", "m"]}'])
def test_the_message_of_a_line(line: str) -> None:
    assert message_of(line) == "m"


@pytest.mark.parametrize(("stream", "priority"), [("{0.st_dev}:{0.st_ino}", "<4>"), ("1:2", ""), ("", "")])
def test_priorities_are_for_the_journal_alone(tmp_path: Path, stream: str, priority: str) -> None:
    code = "from feedsvc.terminal import log_to_stderr, logger; log_to_stderr(); logger('feedsvc.x').warning('w')"
    with (tmp_path / "log").open("wb") as log:
        env = os.environ | {"JOURNAL_STREAM": stream.format(os.fstat(log.fileno()))}
        subprocess.run([sys.executable, "-c", code], stderr=log, env=env, check=True)
    assert (tmp_path / "log").read_text("utf-8") == f"{priority}w\n"


def test_a_problem_of_many_requests_is_due_once_an_hour() -> None:
    now = 0.0
    problems = RepeatedProblems(lambda: now)
    found = []
    for moment in (0.0, 1.0, *range(30, int(REPEAT_SECONDS), 30), REPEAT_SECONDS):
        now = moment
        found.append(problems.due("full"))
    assert found[0] == ""
    assert set(found[1:-1]) == {None}
    assert found[-1] == f" (again; {len(found) - 2} times since the last message)"
    assert problems.due("other") == ""
    now += OVER_SECONDS
    assert problems.due("full") == ""


def test_a_fault_has_one_id_in_the_response_on_the_page_and_in_the_log(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    publication.article("one")
    publication.sync()
    monkeypatch.setattr("feedsvc.web.pages.views.cache", fail)
    client = publication.client()
    answer = client.get("/articles/one", headers={"Accept": "text/html"})
    id_ = answer.headers["X-Request-Id"]
    assert answer.status_code == 500
    assert re.fullmatch("[0-9a-f]{16}", id_)
    assert f"request {id_}</p>" in answer.text
    (record,) = (each for each in caplog.records if each.exc_info)
    assert LogFormatter().format(record).split("\n")[0] == f"Exception on /articles/one [GET] (request {id_})"
    again = client.get("/articles/one", headers={"X-Request-Id": "of-the-proxy-1"})
    assert again.headers["X-Request-Id"] == "of-the-proxy-1"
    forged = client.get("/articles/one", headers={"X-Request-Id": "<script>alert(1)</script>", "Accept": "text/html"})
    assert "script>alert" not in forged.text + forged.headers["X-Request-Id"]
    assert "X-Request-Id" not in client.get("/nothing").headers


def test_a_store_that_is_missing_is_logged_once(publication: Publication, caplog: pytest.LogCaptureFixture) -> None:
    client = publication.client()
    answers = [client.get("/feeds/all.atom") for _ in range(3)]
    assert [each.status_code for each in answers] == [503] * 3
    assert len({each.headers["X-Request-Id"] for each in answers}) == 3
    (said,) = (each for each in caplog.records if each.getMessage().startswith("503 for /feeds/all.atom: "))
    assert LogFormatter("json").format(said).count(answers[0].headers["X-Request-Id"]) == 1


def test_a_server_logs_json_and_requests_when_it_is_told_to(tmp_path: Path) -> None:
    settings = {"FEEDSVC_LOG": "json", "FEEDSVC_ACCESS_LOG": "1", "FEEDSVC_WORKERS": "1"}
    server = Server(tmp_path, settings=settings)
    try:
        request = urllib.request.Request(server.url("/feeds/all.atom?limit=2"), headers={"User-Agent": 'a"b'})
        for _ in range(2):
            with urllib.request.urlopen(request, timeout=120) as answer:
                length = len(answer.read())
        server.write("wrong.md", "nothing")
        wait_for(lambda: "wrong.md" in server.log, "the problem is logged")
        wait_for(lambda: server.log.count("/feeds/all.atom") >= 2, "the requests are logged")
    finally:
        server.end()
    events = [json.loads(line) for line in server.log.splitlines()]
    polls = [each for each in events if each.get("path") == "/feeds/all.atom"]
    assert [(each["status"], each["bytes"], each["query"]) for each in polls] == [(200, length, "limit=2")] * 2
    assert polls[0]["user_agent"] == 'a"b'
    (wrong,) = (each for each in events if each.get("path") == "articles/wrong.md")
    assert (wrong["level"], wrong["line"], wrong["logger"]) == ("warning", 1, "feedsvc.watch")
    assert any(each["message"].startswith("serving http://") for each in events)
