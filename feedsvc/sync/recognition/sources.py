"""Find the articles whose source files are byte for byte the same as before. Pure.

Another version of feedsvc or of the libraries that clean HTML, and other settings, make other HTML of old files.
This is not a correction, and feeds do not report it as a change.
"""

from collections.abc import Iterable, Mapping

from feedsvc.store.file_records import FileRecord
from feedsvc.sync.reading import Outcome, source_hash


def same_sources(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord]) -> set[str]:
    """Return the ids of the articles whose file, and the files beside it, have the same bytes as in the last sync.

    `known` has the earlier records, by path. The record of a moved file is found by the id that it published.
    """
    if not known:
        return set()
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
    # The first part of a fingerprint covers the pipeline and the settings, the second part the bytes.
    if before.fingerprint.partition(":")[2] != source_hash(outcome.digest, before.asked):
        return False
    was = {path: each and each[1] for path, each in before.asked.items()}
    now = {path: each and each[1] for path, each in outcome.record.asked.items()}
    if before.path == outcome.record.path:
        # Another pipeline may look for more or fewer files. Only files in both records are compared.
        return all(was[path] == now[path] for path in was.keys() & now.keys())
    # The files beside a moved file have other paths. Their public names depend on their content only.
    return set(filter(None, was.values())) <= set(now.values())
