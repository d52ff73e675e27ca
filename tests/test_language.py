"""Docs, docstrings and comments are plain technical English (CONTRIBUTING.md): words that are never used."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
PACKAGES = (
    *sorted(f"feedsvc/{each.name}" for each in (ROOT / "feedsvc").iterdir() if (each / "__init__.py").exists()),
    "bench",
)
# Words for things that have a standard term, and pronouns without a subject. Each has no technical meaning here, so a
# hit is never a false alarm.
WORDS = re.compile(
    r"\b(?:whoever|whomever|whatever|whichever|whom|shelf|shelves|turnstile|notebook|graveyard|ledger|patience|audience|"
    r"pulse|wishes|the (?:\w+ )?room|the last word|dearest|the dearer|somebody who|he who|is no more|"
    r"what goes is|is told of|are told of|none is ever|heirs?|doomed|leads? nowhere|mend(?:s|ed|ing)?|mishaps?)\b",
    re.IGNORECASE,
)

# In pages, also these.
IDIOMS = re.compile(
    r"\b(?:mishaps?|(?:is|are|was) told|nobody (?:knows|says|asks|can)|stands? (?:beside|behind|in|at|alone|there)|"
    r"comes? (?:in|out) by|go(?:es)? by|goes on|of theirs|stays? up|left away)\b",
    re.IGNORECASE,
)


def prose(page: Path) -> str:
    """Return the text of a page without code. The changelog of version 0.1 stays as it was released."""
    text = page.read_text("utf-8").partition("\n## [0.1.0]")[0]
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def explanations(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and comments of a module, with their lines."""
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_use_standard_words(page: Path) -> None:
    text = re.sub(r"https?://\S+", "", prose(page))
    assert WORDS.findall(text) + IDIOMS.findall(text) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_and_comments_use_standard_words(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {match[0]}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in explanations(path)
        for match in WORDS.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("module", sorted((ROOT / "feedsvc").glob("*.py")), ids=lambda module: str(module.name))
def test_top_level_modules_use_standard_words(module: Path) -> None:
    found = [f"{line}: {match[0]}" for line, text in explanations(module) for match in WORDS.finditer(text)]
    assert found == []
