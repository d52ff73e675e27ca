"""Fixtures of tests about media: a publication whose media are in object storage."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import Publication
from tests.object_server import ObjectServer, bucket, object_server

__all__ = ["object_server"]


@pytest.fixture
def remote(
    publication: Publication, object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publication]:
    """Yield an empty publication with media at s3://bucket/media."""
    with bucket(object_server, monkeypatch) as url:
        publication.settings = replace(publication.settings, media=url)
        yield publication
