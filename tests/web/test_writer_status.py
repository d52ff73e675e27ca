"""How the writer is: stopped, blind, restarted again and again, or refused: on all that operators look at."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from feedsvc.cli import main
from feedsvc.store import Store
from feedsvc.web import create_app
from tests.conftest import Publication
from tests.web.resources import ask

TOKEN = "0123456789abcdef"
BEARER = f"Bearer {TOKEN}"
RULES = Path(__file__).parent.parent.parent / "deploy" / "feedsvc.rules.yml"


@pytest.fixture
def client(publication: Publication) -> FlaskClient:
    publication.article("one")
    publication.sync()
    return create_app(replace(publication.settings, status_token=TOKEN)).test_client()


def gauges(client: FlaskClient) -> dict[str, float]:
    text = ask(client, "/metrics", Authorization=BEARER).text
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("feedsvc_writer")
    }


def status(publication: Publication, *options: str) -> Result:
    given = ["--content", str(publication.settings.content), "--store", str(publication.settings.store_file)]
    return CliRunner().invoke(main, ["status", *given, *options])


def test_without_a_writer(publication: Publication, client: FlaskClient) -> None:
    assert ask(client, "/readyz").text == "ready\n"
    assert ask(client, "/readyz?verbose").text.splitlines()[1].startswith("writer: none has run")
    assert gauges(client) == {}
    result = status(publication)
    assert result.exit_code == 0
    assert result.output.startswith("1 articles, 0 scheduled, 0 drafts, 0 set aside, 0 warned\n")


def test_a_writer_that_is_well(publication: Publication, client: FlaskClient) -> None:
    publication.store.writer_record().succeeded(set_aside=3, refused=0)
    answer = ask(client, "/readyz?verbose")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert re.fullmatch(
        r"ready\nwriter: last seen \d+ s ago, last success \d+ s ago, watching by events, 3 set aside, lag 0 s\n",
        answer.text,
    )
    found = gauges(client)
    assert found["feedsvc_writer_set_aside"] == 3
    assert found["feedsvc_writer_site_toml_ok"] == 1
    assert (found["feedsvc_writer_watch_mode{events}"], found["feedsvc_writer_watch_mode{polling}"]) == (1, 0)
    assert status(publication).exit_code == 0


def test_a_broken_writer_is_shown_everywhere_and_files_only_to_those_with_the_token(
    publication: Publication, client: FlaskClient
) -> None:
    """HTTP stays 200: what was written last can be served."""
    file = publication.store.writer_record()
    file.note(is_blind=True, watch_mode="polling", watch_reason="watching failed: /geheim", refused=30)
    file.failed("content/site.toml:1: geheim", is_site_toml=True)
    public = ask(client, "/readyz?verbose")
    assert public.status_code == 200
    assert "Authorization" in public.headers["Vary"]
    assert "geheim" not in public.text
    for words in ("site.toml cannot be used", "the folder is scanned", "would remove 30 articles"):
        assert words in public.text
    for path in ("/readyz?verbose", "/status"):
        detailed = ask(client, path, Authorization=BEARER).text
        assert "content/site.toml:1: geheim" in detailed
        assert "/geheim" in detailed
    found = gauges(client)
    assert found["feedsvc_writer_site_toml_ok"] == 0
    assert found["feedsvc_writer_refused_removals"] == 30
    assert found["feedsvc_writer_failures"] == 1
    assert found["feedsvc_writer_last_success_seconds"] == float("inf")
    assert {each for each in found if "problem" in each} == {
        f"feedsvc_writer_problem{{{name}}}" for name in ("site-toml", "refused", "blind")
    }
    result = status(publication)
    assert result.exit_code == 1
    assert "warning: site.toml cannot be used" in result.output
    result = status(publication, "--json")
    assert [each["name"] for each in json.loads(result.output)["problems"]] == ["site-toml", "refused", "blind"]
    assert json.loads(result.output)["writer"]["error_count"] == 1


def test_a_writer_that_was_stopped_or_killed(publication: Publication, client: FlaskClient) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    file = publication.store.writer_record(long_ago)
    file.write()
    path = publication.settings.store_file.parent / "writer.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps({**written, "seen_at": str(long_ago)}))
    assert "warning: the writer was last seen at " in ask(client, "/readyz?verbose").text
    assert gauges(client)["feedsvc_writer_last_seen_seconds"] >= 3600


def test_without_a_store_status_ends_with_2(publication: Publication) -> None:
    result = status(publication)
    assert result.exit_code == 2
    assert "there is no store yet" in result.output


def test_the_alert_rules_name_what_metrics_has(
    publication: Publication, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As of a node that reads a standby.
    monkeypatch.setattr(Store, "copy_lag", lambda _store: 0.0)
    file = publication.store.writer_record()
    file.note(is_blind=True)
    file.failed("x")
    text = ask(client, "/metrics", Authorization=BEARER).text
    known = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]:
        named = set(re.findall(r"feedsvc_\w+", rule["expr"]))
        assert named <= known, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"]
    said = {name for rule in group["rules"] for name in re.findall(r'problem="([\w-]+)"', rule["expr"])}
    assert said == {"blind", "purging", "standby"}
    # Each tells an operator of a node whose database is away, and of a standby that does not follow or take over.
    exprs = " ".join(rule["expr"] for rule in group["rules"])
    for name in ("feedsvc_node_store_ok", "feedsvc_node_seconds_behind", "feedsvc_node_standby_seconds_behind"):
        assert name in exprs
