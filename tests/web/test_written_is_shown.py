"""What an editor writes is what readers get: in all three formats, on the page, and in the report of a sync."""

import base64
import hashlib
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.conftest import Publication

PNG = b"\x89PNG\r\n\x1a\n\x00"
BODY = f"""\
價格5~10萬，人數20~30人。見https://example.com/a，後文 H~2~O

- [ ] 買菜
- [x] 完成

<p hidden>secret</p><p style="Display : none">secret</p>

<div>
<svg><text>lost</text></svg> <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>
</div>

![picture](data:image/png;base64,{base64.b64encode(PNG).decode()})
"""


def _contents(client: FlaskClient) -> dict[str, str]:
    atom = etree.fromstring(client.get("/feeds/chips.atom").data)
    rss = etree.fromstring(client.get("/feeds/chips.rss").data)
    return {
        "atom": atom.findtext(".//{*}entry/{*}content") or "",
        "rss": rss.findtext(".//item/{http://purl.org/rss/1.0/modules/content/}encoded") or "",
        "json": json.loads(client.get("/feeds/chips.json").data)["items"][0]["content_html"],
        "page": client.get("/articles/a").get_data(as_text=True),
    }


@pytest.mark.parametrize("format_", ["atom", "rss", "json", "page"])
def test_what_is_written_is_what_is_shown(
    format_: str, publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    publication.article("a", BODY)
    report = publication.sync()
    name = f"{hashlib.sha256(PNG).hexdigest()[:32]}.png"
    content = _contents(client())[format_]
    for shown in ("5~10萬，人數20~30人", "H~2~O", ">https://example.com/a</a>，後文", "☐ 買菜", "☑ 完成", "1/2", name):
        assert shown in content
    for gone in ("<del>", "secret", "lost", "data:image", '<input type="checkbox"'):
        assert gone not in content
    lines = [str(each) for each in report.problems]
    assert [each.partition(" (")[0] for each in lines] == [
        "articles/a.md:14: warning: <svg> is left out",
        "articles/a.md:14: warning: <math> becomes a line of text, or its TeX in <code>",
    ]
    with client().get(f"/media/{name}") as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PNG)


def test_a_language_of_private_use_is_read_everywhere(
    publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    publication.article("a", '<p lang="ja-x-kyoto">京</p>', language="zh-Hant-x-foo")
    assert not publication.sync().problems
    feed = json.loads(client().get("/feeds/chips.json?lang=zh-Hant-x-foo").data)
    assert [(each["language"], 'lang="ja-x-kyoto"' in each["content_html"]) for each in feed["items"]] == [
        ("zh-Hant-x-foo", True)
    ]
