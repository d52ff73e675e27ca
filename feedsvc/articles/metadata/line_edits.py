"""Add an alias to the front matter of a file or remove one, or change its slug: all other bytes stay. Pure.

Every way to write the change is tried, and the first one counts after which the file reads as it should. So comments,
quotes, indentation and line ends need no rules of their own.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from feedsvc.articles.identity import written_text
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.errors import ArticleError, Finding

# The number of ways that are tried; a list has at most a hundred aliases.
_MAX_TRIES = 2000


def with_alias(data: bytes, slug: str) -> bytes:
    """Return the bytes of a file with `slug` at the end of its aliases. Raises ArticleError if no line can say so."""
    front = frontmatter.parse(data)
    before = _aliases(front)
    if slug in before:
        return data
    return _first_right(_with_alias(data, front, slug), front, "aliases", _aliases, (*before, slug))


def without_alias(data: bytes, slug: str) -> bytes:
    """Return the bytes of a file without `slug` among its aliases, or the same bytes if no one line can be changed."""
    try:
        front = frontmatter.parse(data)
        before = _aliases(front)
        wanted = tuple(each for each in before if each != slug)
        return (
            data if wanted == before else _first_right(_without(data, front, slug), front, "aliases", _aliases, wanted)
        )
    except ArticleError:
        return data


def with_slug(data: bytes, slug: str) -> bytes:
    """Return the bytes of a file with another `slug` in the field that it has. Raises ArticleError if it cannot be."""
    front = frontmatter.parse(data)
    before = str(front.fields["slug"]).encode()
    number = front.lines["slug"] - 1
    lines = data.splitlines(keepends=True)
    texts = (slug, written_text(slug, is_toml=front.is_toml))
    changed = (
        _joined(lines, number, line[:at] + text.encode() + line[at + len(before) :])
        for line in lines[number : number + 1]
        for at in _positions(line, before)
        for text in texts
    )
    return _first_right(changed, front, "slug", lambda new: new.fields.get("slug"), slug)


def _aliases(front: FrontMatter) -> tuple[str, ...]:
    try:
        return fields.texts(front.fields.get("aliases", ""))
    except ValueError as error:
        line = front.lines.get("aliases", 2)
        raise ArticleError([Finding(line=line, field="aliases", message=str(error))]) from error


def _first_right(
    changed: Iterator[bytes],
    front: FrontMatter,
    name: str,
    read: Callable[[FrontMatter], object],
    wanted: object,
) -> bytes:
    """Return the first of the changed files that has the wanted value of one field, and all others as before."""
    others = {key: value for key, value in front.fields.items() if key != name}
    for each in islice(changed, _MAX_TRIES):
        try:
            new = frontmatter.parse(each)
            is_right = read(new) == wanted
        except ArticleError:
            continue
        if is_right and new.body == front.body and others == {k: v for k, v in new.fields.items() if k != name}:
            return each
    value = wanted[-1] if isinstance(wanted, tuple) and wanted else wanted
    message = f"{value} cannot be written without a change of other lines (write it yourself)"
    raise ArticleError([Finding(line=front.lines.get(name, 2), field=name, message=message)])


def _with_alias(data: bytes, front: FrontMatter, slug: str) -> Iterator[bytes]:
    """Yield the file with the alias in a new field, or in each place that may be the end of the field it has."""
    lines = data.splitlines(keepends=True)
    written = written_text(slug, is_toml=front.is_toml).encode()
    if "aliases" not in front.fields:
        # In TOML a field of the file itself stands above all tables.
        top = lines[min(front.lines.values()) - 1] if front.lines and not front.is_toml else b""
        field = (b"aliases = [%b]" if front.is_toml else b"aliases: [%b]") % written
        yield _joined(lines, 0, lines[0] + _indent(top) + field + _end(lines[0]))
        return
    first, last = _range_of_aliases(front)
    # A line of its own, below others.
    for number in range(last - 1, first, -1):
        line = lines[number]
        for text in (b"- " + written, b"- " + slug.encode(), written + b","):
            yield _joined(lines, number, line + _indent(line) + text + _end(line))
    places = [(number, at) for number in range(last - 1, first - 1, -1) for at in _places(lines[number])]
    # Behind the last alias rather than in front of a bracket on the next line.
    for number, at in sorted(places, key=lambda place: not lines[place[0]][: place[1]].strip()):
        line = lines[number]
        for text in (b", " + written, written, b" [" + written + b"]", b", " + slug.encode(), slug.encode()):
            yield _joined(lines, number, line[:at] + text + line[at:])


def _without(data: bytes, front: FrontMatter, slug: str) -> Iterator[bytes]:
    """Yield the file without each text that may be the alias: with its line, or with the comma behind or before it."""
    lines = data.splitlines(keepends=True)
    first, last = _range_of_aliases(front)
    texts = (written_text(slug, is_toml=True).encode(), f"'{slug}'".encode(), slug.encode())
    for number in range(first, last):
        line = lines[number]
        for text in texts:
            for at in _positions(line, text):
                before, behind = line[:at], line[at + len(text) :]
                # An element on a line of its own; the line of the field stays.
                if number > first and before.strip() in (b"", b"-") and behind.strip() in (b"", b","):
                    yield _joined(lines, number, b"")
                if behind.lstrip(b" ").startswith(b","):
                    yield _joined(lines, number, before + behind.lstrip(b" ")[1:].lstrip(b" "))
                if before.rstrip(b" ").endswith(b","):
                    yield _joined(lines, number, before.rstrip(b" ")[:-1] + behind)
                yield _joined(lines, number, before + behind)


def _range_of_aliases(front: FrontMatter) -> tuple[int, int]:
    """Return the index of the first line of the aliases, and of the line behind the last."""
    first = front.lines["aliases"] - 1
    others = (line - 1 for name, line in front.lines.items() if name != "aliases" and line - 1 > first)
    return first, min(others, default=front.body_line - 2)


def _places(line: bytes) -> list[int]:
    """Return the positions in a line at which a list or text may end: in front of marks, behind quotes, at the end."""
    places = {len(line.rstrip())}
    for at, byte in enumerate(line):
        mark = bytes([byte])
        if mark in b"]\"'":
            places |= {at, at + 1}
        elif mark == b"#":
            places.add(len(line[:at].rstrip()))
    return sorted(places, reverse=True)


def _positions(line: bytes, text: bytes) -> Iterator[int]:
    at = line.rfind(text) if text else -1
    while at >= 0:
        yield at
        at = line.rfind(text, 0, at)


def _joined(lines: list[bytes], number: int, line: bytes) -> bytes:
    """Return the file with another line at this number."""
    return b"".join((*lines[:number], line, *lines[number + 1 :]))


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _end(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]
