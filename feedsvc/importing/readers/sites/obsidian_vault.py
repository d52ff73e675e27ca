"""Vaults of Obsidian, which nobody sees but their owner. Pure."""

import posixpath

from feedsvc.importing.readers.sites.source_site import SourceSite
from feedsvc.importing.source_files import SourceFiles

FOLDER = ".obsidian"


def vault_at(files: SourceFiles, root: str) -> SourceSite | None:
    """Return the vault in a folder; None if there is none."""
    if not files.exists(posixpath.join(root, FOLDER)):
        return None
    return SourceSite(system="obsidian", root=root, files=files, is_private=True)
