"""The files that the media storage lacks although articles use them, and where a sync finds their content again.

Media are derived from content/: a restored store, or a deleted folder, gets them back without an edit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from feedsvc.errors import Finding, Problem, StorageUnavailable
from feedsvc.media.storage import MediaStorage
from feedsvc.store import Snapshot
from feedsvc.store.snapshot.media import SITE
from feedsvc.sync.assets import AssetFinder
from feedsvc.sync.folder.scope import Scope
from feedsvc.terminal import logger

log = logger("feedsvc.sync")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostMedia:
    """`sources` are files of the content folder to copy, or the bytes that are served of them, by public name.

    `holders` are the paths of articles that are made again, because they hold a file themselves (a data: URL). `sizes`
    are smaller sizes, which are made again from their pictures.
    """

    sources: dict[str, Path | bytes] = field(default_factory=dict)
    holders: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()


def find_lost(
    snapshot: Snapshot, scope: Scope, finder: AssetFinder, media: MediaStorage, pictures: Callable[[], dict[str, bytes]]
) -> LostMedia:
    """Return what the media storage lacks, or has with another length. Only a look at all files finds it.

    `pictures` gives the icon and the logo by public name. Where the storage cannot be read, nothing is known to be
    lost: what a sync does not have to put is published.
    """
    try:
        lost = snapshot.media.lost(media) if scope.whole else {}
    except StorageUnavailable as error:
        log.warning("%s; missing files are not made again", error)
        lost = {}
    if not lost:
        return LostMedia()
    sources: dict[str, Path | bytes] = {}
    if any(SITE in ids for ids in lost.values()):
        sources |= {name: data for name, data in pictures().items() if name in lost}
    for record in scope.known.values():
        for path, seen in record.asked.items():
            if seen and seen[1] in lost and seen[1] not in sources and (file := finder.regular(path)):
                sources[seen[1]] = file
    sizes = frozenset(snapshot.media.pictures_of(lost.keys() - sources.keys()))
    holding = {id_ for name in lost.keys() - sources.keys() - sizes for id_ in lost[name]}
    holders = frozenset(path for path, record in scope.known.items() if record.id in holding)
    return LostMedia(sources=sources, holders=holders, sizes=sizes)


def missing_problems(snapshot: Snapshot, media: MediaStorage) -> list[Problem]:
    """Return a warning about the files that published articles use and the storage lacks, at the first of them."""
    try:
        missing = snapshot.media.missing(media)
    except StorageUnavailable as error:
        return [Problem(path="articles", finding=Finding(severity="warning", message=str(error)))]
    published = snapshot.files.publishers({id_ for ids in missing.values() for id_ in ids})
    paths = sorted(path for each in published.values() for path in each)
    place = "object storage" if media.is_remote else "media folder"
    if of_site := sorted(name for name, ids in missing.items() if SITE in ids):
        message = f"the {place} lacks the icon or the logo, {of_site[0]} (the next sync copies it: run feedsvc sync)"
        return [Problem(path="site.toml", finding=Finding(severity="warning", message=message))]
    if not paths:
        return []
    plural = "s" if len(paths) > 1 else ""
    message = (
        f"the {place} lacks {len(missing)} of the files of {len(paths)} article{plural}, {min(missing)} for "
        "example (the next sync makes them again: run feedsvc sync)"
    )
    return [Problem(path=paths[0], finding=Finding(severity="warning", message=message))]
