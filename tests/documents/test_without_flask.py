"""Every document is made without a Flask application and without a request: in a process that has not loaded Flask."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.conftest import Publication

RENDER = """
import hashlib, json, sys
from feedsvc.documents.context import RenderContext
from feedsvc.documents.feeds import FeedRequest, render_archive, render_changes, render_feed
from feedsvc.documents.opml import render_opml
from feedsvc.documents.plain import render_robots
from feedsvc.documents.sitemap import render_sitemap, render_sitemap_part
from feedsvc.slices.slice import Slice
from feedsvc.slices.cursor import parse_cursor
from feedsvc.store import Store
from pathlib import Path

found = {}
with Store(Path(sys.argv[1])).read() as snapshot:
    context, everything = RenderContext(), Slice()
    cursor = parse_cursor(sys.argv[2])
    made = {"/robots.txt": render_robots(snapshot), "/sitemap.xml": render_sitemap(snapshot),
            "/sitemap-1.xml": render_sitemap_part(snapshot, 1),
            "/feeds.opml": render_opml(snapshot, everything, "atom"),
            "/feeds.opml?format=rss": render_opml(snapshot, everything, "rss")}
    for suffix in ("rss", "atom", "json"):
        asked_for = FeedRequest(name="all", suffix=suffix, slice=everything)
        made[f"/feeds/all.{suffix}"] = render_feed(snapshot, asked_for, context)
        made[f"/feeds/all/2026-10.{suffix}"] = render_archive(snapshot, asked_for, "2026-10", context)
        if suffix != "rss":
            made[f"/feeds/all.{suffix}?after={cursor}"] = render_changes(snapshot, asked_for, cursor, context)
print(json.dumps({
    "documents": {path: [hashlib.sha256(each.body).hexdigest(), each.media_type, dict(each.headers)]
                  for path, each in made.items()},
    "loaded": [name for name in ("flask", "werkzeug", "jinja2") if name in sys.modules],
}))
"""


def test_every_document_is_the_same_without_flask(publication: Publication, client: Callable[[], FlaskClient]) -> None:
    publication.article("one", "晶片", tags="[sand]")
    publication.article("two", "Text.", published="2026-11-01 10:00")
    publication.sync()
    asking = client()
    cursor = json.loads(asking.get("/feeds/all.json").data)["_feedsvc"]["cursor"]
    publication.article("three", "Later.", published="2026-11-01 11:00")
    publication.sync()
    command = [sys.executable, "-c", RENDER, str(publication.settings.store_file), cursor]
    found = json.loads(subprocess.check_output(command, text=True))
    assert found["loaded"] == []
    for path, (digest, media_type, headers) in found["documents"].items():
        answer = asking.get(path)
        assert answer.status_code == 200, path
        assert hashlib.sha256(answer.data).hexdigest() == digest, path
        assert answer.content_type == media_type, path
        assert headers.items() <= dict(answer.headers).items(), path
