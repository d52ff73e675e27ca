"""A page that is requested while an image is missing has no size of it, and gets one as soon as the image is there."""

import shutil

import pytest

from feedsvc.web.pages import image_sizes
from tests.conftest import Publication

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2\x08\0\0\0\0\xb8\x1fm\x94"
    b"\0\0\0\x0cIDATx\x9cc`\x80\0\0\0\x08\0\1\xe2!\xbc3\0\0\0\0IEND\xaeB`\x82"
)


@pytest.mark.parametrize("is_cached_before", [False, True])
def test_a_page_is_as_before_once_a_sync_has_made_its_image_again(
    publication: Publication, is_cached_before: bool
) -> None:
    """As after a restore on another path: the store has not changed, so no commit says that the page has."""
    publication.write("articles/photo.png", PNG)
    publication.article("one", "![A photo](photo.png)")
    publication.sync()
    whole = publication.client().get("/articles/one")
    assert 'width="3" height="2"' in whole.text
    shutil.rmtree(publication.settings.media_folder)
    image_sizes._size.cache_clear()
    client = publication.client()
    for _ in range(2):
        assert "width=" not in client.get("/articles/one").text.partition("<img ")[2].partition(">")[0]
    if is_cached_before:
        publication.article("two")
    publication.sync()
    for _ in range(2):
        again = client.get("/articles/one")
        assert (again.headers["ETag"], again.data) == (whole.headers["ETag"], whole.data) or is_cached_before
        assert 'width="3" height="2"' in again.text
