"""A node without content/ gives pages the same bytes, with the sizes of their images, as one with it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.web import create_app
from tests.conftest import Publication
from tests.web.resources import ask

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000300000002080200000012169c5a0000000e4944415478da63f8cfc0000200040001"
)


@pytest.mark.both_engines
def test_sizes_of_images_come_from_the_media(publication: Publication, engine: str, tmp_path: Path) -> None:
    assert engine in ("sqlite", "postgresql")
    publication.write("articles/picture.png", PNG)
    publication.article("one", "Text.\n\n![A picture](picture.png)")
    publication.sync()
    here = ask(publication.client(), "/articles/one")
    assert b'width="3"' in here.data
    assert b'height="2"' in here.data
    shutil.rmtree(publication.settings.content)
    node = create_app(replace(publication.settings, content=tmp_path / "nothing", state=tmp_path / "state"))
    there = ask(node.test_client(), "/articles/one")
    assert (there.data, there.headers["ETag"]) == (here.data, here.headers["ETag"])
    # Nor do they come from what is beside the store.
    for path in ("/feeds/all.atom", "/", "/feeds/all.json"):
        assert ask(node.test_client(), path).data == ask(publication.client(), path).data
