"""The regular expressions of feedsvc with how each is tried, as JSON, one line each. Run in a process of its own.

Patterns that a module makes when it is imported are recorded as `re` gets them. Those that a function makes are read
from the source; a part that only a call knows is read as the letter X. A pattern counts as searched for unless each use
of its name is `match` or `fullmatch`. `place` is the file with the name of the pattern, or of the function around it.
"""

import ast
import importlib
import json
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

METHODS: Final = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
ANCHORED: Final = frozenset({"match", "fullmatch"})
CALLS: Final = METHODS | {"compile"}
PACKAGE: Final = Path(__file__).parents[2] / "feedsvc"
_FLAGS: Final = re.compile(r"re\.[A-Z]+(?: \| re\.[A-Z]+)*")
_ASSIGNED: Final = (ast.Assign, ast.AnnAssign)
_Known = dict[tuple[str, int], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern, None where only a call knows it."""

    place: str
    pattern: str | None
    flags: int
    is_search: bool


def expressions() -> Iterator[Expression]:
    """Import all of feedsvc and yield each regular expression of it."""
    trees = {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
    }
    known = _compiled()
    everywhere = _uses(trees.values())
    for file, tree in trees.items():
        here = _uses([tree])
        for call, method, assigned, around in _calls(tree):
            uses = everywhere if assigned and not assigned.startswith("_") else here
            methods = uses[assigned] if assigned and method == "compile" else {method}
            pattern, flags = _taken(known, file, call) or _evaluated(call, file) or (None, 0)
            yield Expression(f"{file} {around}", pattern, flags, not methods <= ANCHORED)
    for (file, _), (pattern, flags) in known.items():
        yield Expression(f"{file} (made by another function)", pattern, flags, True)


def _compiled() -> _Known:
    """Return pattern and flags of all that is compiled while feedsvc is imported, by file and line of the call."""
    found: _Known = {}
    compile_ = re._compile  # type: ignore[attr-defined]

    def recorded(pattern: Any, flags: int) -> Any:
        frame = sys._getframe(1)
        while frame.f_back and frame.f_code.co_filename == re.__file__:
            frame = frame.f_back
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PACKAGE) and isinstance(pattern, str | bytes):
            found[str(file.relative_to(PACKAGE)), frame.f_lineno] = _text(pattern), int(flags)
        return compile_(pattern, flags)

    re._compile = recorded  # type: ignore[attr-defined]
    for module in pkgutil.walk_packages([str(PACKAGE)], "feedsvc."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    re._compile = compile_  # type: ignore[attr-defined]
    return found


def _text(pattern: str | bytes) -> str:
    return pattern if isinstance(pattern, str) else pattern.decode("latin-1")


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str, str]]:
    """Yield each call of `re`: its method, the name that its pattern is given, or "", and the name around it."""
    for around in _definitions(tree):
        assigned = {id(node.value): _target(node) for node in ast.walk(around) if isinstance(node, _ASSIGNED)}
        for node in ast.walk(around):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method)) if method in METHODS | {
                    "compile"
                }:
                    yield node, method, assigned.get(id(node), ""), _name(around)


def _definitions(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements of a module, and the members of each class in its stead."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node)
        else:
            yield node


def _target(node: ast.AST) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _name(node: ast.AST) -> str:
    return str(getattr(node, "name", "")) or _target(node)


def _uses(trees: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return the methods called on each name; a name used in another way counts as searched for."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
                found[node.value.id].add(node.attr)
                called.add(id(node.value))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                found[node.id].add("search")
    return found


def _taken(known: _Known, file: str, call: ast.Call) -> tuple[str, int] | None:
    lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
    return next((known.pop((file, line)) for line in lines if (file, line) in known), None)


def _evaluated(call: ast.Call, file: str) -> tuple[str, int] | None:
    name = ".".join(("feedsvc", *Path(file).with_suffix("").parts)).removesuffix(".__init__")
    names = vars(importlib.import_module(name))
    given = [*call.args[1:], *(each.value for each in call.keywords if each.arg == "flags")]
    flags = next((ast.unparse(each) for each in given if _FLAGS.fullmatch(ast.unparse(each))), "0")
    try:
        pattern = eval(ast.unparse(_with_stand_ins(call.args[0], names)), dict(names))
    except NameError:
        return None
    if isinstance(pattern, re.Pattern):
        return _text(pattern.pattern), pattern.flags
    return _text(pattern), int(eval(flags, {"re": re}))


def _with_stand_ins(node: ast.expr, names: dict[str, Any]) -> ast.expr:
    """Return `node` with X for each part of an f-string that the module does not know."""
    if not isinstance(node, ast.JoinedStr):
        return node

    def is_known(part: ast.expr) -> bool:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        return isinstance(inner, ast.Constant) or (isinstance(inner, ast.Name) and isinstance(names.get(inner.id), str))

    return ast.JoinedStr([part if is_known(part) else ast.Constant("X") for part in node.values])


if __name__ == "__main__":
    for expression in expressions():
        print(json.dumps(asdict(expression)))
