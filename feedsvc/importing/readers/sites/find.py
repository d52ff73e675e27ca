"""Find the site that a file is of: the nearest folder above it that has the settings of a system. Pure."""

from collections.abc import Callable
from itertools import chain
from typing import Final

from feedsvc.importing.readers.sites.astro import astro_at
from feedsvc.importing.readers.sites.eleventy import eleventy_at, of_data_file
from feedsvc.importing.readers.sites.hexo import hexo_at
from feedsvc.importing.readers.sites.hugo import hugo_at
from feedsvc.importing.readers.sites.jekyll import jekyll_at
from feedsvc.importing.readers.sites.obsidian_vault import vault_at
from feedsvc.importing.readers.sites.pelican import pelican_at
from feedsvc.importing.readers.sites.source_site import SourceSite
from feedsvc.importing.readers.sites.zola import zola_at
from feedsvc.importing.source_files import FilesBeside, SourceFiles, folders_above

# Zola and Hexo are told apart from Hugo and Jekyll by more than the name of their settings, and come first.
_GENERATORS: Final[tuple[Callable[[SourceFiles, str], SourceSite | None], ...]] = (
    zola_at,
    hugo_at,
    hexo_at,
    jekyll_at,
    pelican_at,
    astro_at,
    eleventy_at,
)


def site_of(beside: FilesBeside) -> SourceSite | None:
    """Return the site that the files of a folder are of; None if none is known.

    What a generator of a site says comes before a vault, in which its texts may be written.
    """
    folders = list(folders_above(beside.folder))[::-1]
    key = f"site of {beside.folder}"
    if key not in beside.known:
        by_settings = (_generator_at(beside, each) for each in folders)
        by_data = (of_data_file(beside.files, each) for each in folders)
        vaults = (vault_at(beside.files, each) for each in folders)
        beside.known[key] = next((each for each in chain(by_settings, by_data, vaults) if each), None)
    site: SourceSite | None = beside.known[key]
    return site


def _generator_at(beside: FilesBeside, folder: str) -> SourceSite | None:
    key = f"generator at {folder}"
    if key not in beside.known:
        found = (each(beside.files, folder) for each in _GENERATORS)
        beside.known[key] = next((each for each in found if each), None)
    site: SourceSite | None = beside.known[key]
    return site
