"""Find versions of articles with the language, the date and the title of a file, and compare their texts. Pure."""

import bisect
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from feedsvc.articles.read import Parsed
from feedsvc.model import Article
from feedsvc.slices.search_terms import body_text
from feedsvc.store.file_records import CopyOf
from feedsvc.store.rows import dumps, to_text
from feedsvc.sync.recognition.similarity import comparable, similarity, sketch, sketched_similarity
from feedsvc.sync.spool import content_of

MIN_SIMILARITY: Final = 0.9
# Five standard errors of an estimate below the minimum similarity.
_MIN_ESTIMATE: Final = 0.8
# The number of texts of one language, date and title that a file is compared with: those of the most similar length.
MAX_COMPARED: Final = 16

# Language, published and title: what a copy has in common with its original.
Head = tuple[str, str, str]
# A prefix for the comparison of articles without words. No text contains it, since control characters are removed.
_NO_WORDS: Final = "\0"


@dataclass(frozen=True, kw_only=True)
class Version:
    """An article as it was published or as its file has it now, and the path of that file."""

    path: str
    article: Article
    head: Head
    text: str

    @cached_property
    def sketch(self) -> tuple[int, ...]:
        """The sketch of the text, made at first use."""
        return sketch(self.text)


class Versions:
    """Versions by head, searched by the similarity of their texts."""

    def __init__(self) -> None:
        self._same: dict[tuple[Head, str], list[Version]] = {}
        self._by_length: dict[Head, list[Version]] = {}

    def __contains__(self, head: Head) -> bool:
        return head in self._by_length

    def add(self, version: Version) -> None:
        """Add a version that later files may be copies of."""
        self._same.setdefault((version.head, version.text), []).append(version)
        bisect.insort(self._by_length.setdefault(version.head, []), version, key=_length)

    def original_of(self, version: Version, parsed: Parsed) -> Version | None:
        """Return the version that a file is a copy of: one with the same text, else a similar one; None for none."""
        for each in self._same.get((version.head, version.text), ()):
            if _names_no_other(parsed, each.article):
                return each
        others = self._by_length.get(version.head, [])
        at = bisect.bisect_left(others, _length(version), key=_length)
        around = others[max(0, at - MAX_COMPARED) : at + MAX_COMPARED]
        nearest = sorted(around, key=lambda each: abs(_length(each) - _length(version)))[:MAX_COMPARED]
        for each in nearest:
            if not _names_no_other(parsed, each.article) or _NO_WORDS in (version.text[0], each.text[0]):
                continue
            # Sketches are cached, so that most comparisons do not read the whole text.
            may_be_near = sketched_similarity(version.sketch, each.sketch) >= _MIN_ESTIMATE
            if may_be_near and similarity(version.text, each.text) >= MIN_SIMILARITY:
                return each
        return None


def head_of(article: Article) -> Head:
    """Return the language, date of publication and title, which a copy of this article has also."""
    return article.language, to_text(article.published), article.title


def version_of(path: str, article: Article) -> Version:
    """Return the version of `article` that the file at `path` publishes."""
    return Version(path=path, article=article, head=head_of(article), text=text_of(article))


def text_of(article: Article) -> str:
    """Return the text of an article for comparison. If it has no words, return its pictures and files after a mark."""
    content = content_of(article)
    text = comparable(body_text(content))
    urls = (each.url for each in article.enclosures)
    return text or " ".join((_NO_WORDS, content, *article.media, *urls))


def _length(version: Version) -> int:
    return len(version.text)


def _names_no_other(parsed: Parsed, original: Article) -> bool:
    article = parsed.article
    return (
        parsed.identity.written in (None, original.id)
        and article.canonical in (None, original.canonical)
        and article.translation_of in (None, original.translation_of)
    )


def digest(*values: object) -> str:
    """Return a digest of values, 32 hexadecimal digits, which does not reveal the values."""
    return hashlib.sha256(dumps(values).encode()).hexdigest()[:32]


def names_of(article: Article) -> str:
    """Return a digest of the canonical URL, the aliases and the original that an article names; "" for none."""
    named = (article.canonical, article.translation_of)
    return digest(*named) if any(named) else ""


def trace_of(path: str, article: Article) -> CopyOf:
    """Return the trace by which a copy of `article`, which the file at `path` publishes, is recognised."""
    version = version_of(path, article)
    return CopyOf(id=article.id, path=path, head=digest(version.head), names=names_of(article), sketch=version.sketch)


def is_unchanged_copy(copy: CopyOf, parsed: Parsed) -> bool:
    """Return whether a file has the content of the copy, and names no other article."""
    if digest(head_of(parsed.article)) != copy.head or parsed.identity.written not in (None, copy.id):
        return False
    said = sketch(text_of(parsed.article))
    return names_of(parsed.article) in ("", copy.names) and sketched_similarity(said, copy.sketch) >= MIN_SIMILARITY
