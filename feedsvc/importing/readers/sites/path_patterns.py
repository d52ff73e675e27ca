"""Compare paths with the patterns of other systems: of `exclude`, of ignore files, and of Hugo's cascades. Pure."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

_MAX_BRACES: Final = 200


def names(pattern: str, path: str) -> bool:
    """Return whether a pattern is about a path, or a folder that it is in. `*` counts for folders too."""
    pattern = pattern.strip().removeprefix("./").strip("/")
    if not pattern:
        return False
    parts = path.split("/")
    above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    candidates = above if "/" in pattern else (*above, *parts)
    return any(each == pattern or fnmatchcase(each, pattern) for each in candidates)


def is_named(patterns: Iterable[object], path: str) -> bool:
    """Return whether one of the patterns is about a path."""
    return any(isinstance(each, str) and names(each, path) for each in patterns)


def ignored(text: str, path: str) -> bool:
    """Return whether an ignore file (.gitignore, .eleventyignore) names a path. Exceptions in it count for nothing."""
    lines = (line.strip() for line in text.splitlines())
    return any(line and line[0] not in "#!" and names(line.replace("**/", ""), path) for line in lines)


def may_ignore(expressions: Iterable[str], path: str) -> bool:
    """Return whether one of the regular expressions of `ignoreFiles` finds something in a path, or may do so.

    They come from elsewhere: one that could take long, or that Python does not read, counts as one that finds it.
    """
    for each in expressions:
        is_simple = len(each) <= _MAX_EXPRESSION and len(re.findall(r"[*+{]", each)) <= _MAX_REPEATS
        if not is_simple or re.search(r"\)\s*[*+{]", each) or len(path) > _MAX_EXPRESSION:
            return True
        try:
            if re.search(each, f"/{path}"):
                return True
        except re.error:
            return True
    return False


_MAX_WILD: Final = 4
_MAX_EXPRESSION: Final = 300
_MAX_REPEATS: Final = 2


def does_match(glob: str, path: str) -> bool:
    """Return whether a glob of Hugo matches a path for certain: `*` is within a folder, `**` goes through folders."""
    for each in _without_braces(glob.lower().removeprefix("/")):
        parts = re.split(r"(\*\*/?|\*|\?)", each)
        wild = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
        pattern = "".join(wild.get(part, re.escape(part)) for part in parts)
        if sum(part in wild for part in parts) <= _MAX_WILD and re.fullmatch(pattern, path[:_MAX_EXPRESSION]):
            return True
    return False


def may_match(glob: str, path: str) -> bool:
    """Return whether a glob of Hugo matches a path; also where that is not certain: `*` counts for folders, too."""
    return any(fnmatchcase(path, each) or each == f"{path}/**" for each in _without_braces(glob.lower()))


def _without_braces(glob: str) -> Iterator[str]:
    """Yield the alternatives `{a,b}` of a glob; past a number of them, a glob that matches everything."""
    left = [glob]
    for _ in range(_MAX_BRACES):
        if not left:
            return
        each = left.pop()
        found = re.search(r"\{([^{}]*)\}", each)
        if found is None:
            yield each
        else:
            left += [f"{each[: found.start()]}{part}{each[found.end() :]}" for part in found[1].split(",")]
    yield "**"
