"""Traces of removed articles, which prevent that a copy or a renamed file of one becomes a new article."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from feedsvc.articles.read import Parsed
from feedsvc.store import Snapshot
from feedsvc.store.file_records import CopyOf
from feedsvc.store.portions import portions
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.versions import digest, head_of, is_unchanged_copy, trace_of


def traces_of(snapshot: Snapshot, ids: Sequence[str]) -> list[CopyOf]:
    """Return the traces of the articles `ids`, which are about to be removed."""
    found: list[CopyOf] = []
    for some in portions(ids):
        publishers = snapshot.files.publishers(some)
        articles = snapshot.identities.articles_of(some)
        found += [trace_of(min(publishers.get(id_, {""})), articles[id_]) for id_ in sorted(articles)]
    return found


def followed(traces: Sequence[CopyOf], settled: Iterable[Outcome], is_there: Callable[[str], bool]) -> Iterator[CopyOf]:
    """Yield the traces; if a file was renamed and made a draft, with the path of that draft.

    A file that is renamed and made a draft at the same time is the same article when it is published again.
    """
    drafts: dict[str, dict[str, Parsed]] = {}
    for each in settled if traces else ():
        if each.parsed and each.parsed.draft:
            drafts.setdefault(digest(head_of(each.parsed.article)), {})[each.record.path] = each.parsed
    for trace in traces:
        others: Mapping[str, Parsed] = {} if is_there(trace.path) else drafts.get(trace.head, {})
        moved = next((path for path, parsed in sorted(others.items()) if is_unchanged_copy(trace, parsed)), trace.path)
        yield replace(trace, path=moved)
