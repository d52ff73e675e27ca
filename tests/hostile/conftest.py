"""Publish the corpus of hostile files as articles."""

from collections.abc import Mapping

import pytest

from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError
from feedsvc.model import Article, Site
from feedsvc.site.site_toml import load_site
from tests.hostile.corpus import File, files, site_toml

Outcome = Article | ArticleError


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site that publishes the corpus."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.toml").write_text(site_toml())
    return load_site(folder, None, "http://127.0.0.1:8000")


@pytest.fixture(scope="session")
def outcomes(site: Site) -> Mapping[File, Outcome]:
    """Return the article or the findings of every file of the corpus."""
    return {file: _read(file, site) for file in files()}


def _read(file: File, site: Site) -> Outcome:
    try:
        return read_article(file.path, file.data, site, lambda _path: None).article
    except ArticleError as error:
        return error
