"""The path from a file to a feed, in one test; the other tests have the details."""

from tests.conftest import Publication


def test_a_file_becomes_an_entry_in_every_format(publication: Publication) -> None:
    publication.article("hello", "你好，世界", title="你好")
    report = publication.sync()
    assert report.added == ("你好",)
    client = publication.client()
    for suffix in ("atom", "rss", "json"):
        for slice_ in ("chips", "all"):
            answer = client.get(f"/feeds/{slice_}.{suffix}")
            assert answer.status_code == 200
            assert "你好，世界" in answer.text
        assert "你好，世界" not in client.get(f"/feeds/cloud.{suffix}").text
