"""Which articles are made of the same bytes as before. Pure.

Another feedsvc, other versions of what cleans HTML, and other settings make other HTML of old files. That is no
correction, and readers are not told of it.
"""

from collections.abc import Iterable, Mapping

from feedsvc.store.file_records import FileRecord
from feedsvc.sync.reading import Outcome, source_hash


def same_sources(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord]) -> set[str]:
    """The ids of the articles whose file, and the files beside it, are byte for byte what was published before.

    `known` are the records of before, by path. A file that was moved is known by the id that it published.
    """
    published: dict[str, list[FileRecord]] = {}
    for record in known.values():
        if record.id is not None and all(each.severity != "error" for each in record.problems):
            published.setdefault(record.id, []).append(record)
    return {
        outcome.parsed.article.id
        for outcome in outcomes
        if outcome.parsed and any(_is_same(record, outcome) for record in published.get(outcome.parsed.article.id, ()))
    }


def _is_same(before: FileRecord, outcome: Outcome) -> bool:
    # The first half of a fingerprint is the pipeline and the settings, the second half the bytes.
    if before.fingerprint.partition(":")[2] != source_hash(outcome.digest, before.asked):
        return False
    was = {path: each and each[1] for path, each in before.asked.items()}
    now = {path: each and each[1] for path, each in outcome.record.asked.items()}
    if before.path == outcome.record.path:
        # Another pipeline may look for more files, or for fewer: those say nothing.
        return all(was[path] == now[path] for path in was.keys() & now.keys())
    # Paths beside a file that was moved are others; the names say what is in the files.
    return set(filter(None, was.values())) <= set(now.values())
