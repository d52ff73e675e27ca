"""Whether a regular expression can take more than linear time, decided from its automaton and not by a clock.

A pattern is ambiguous to an infinite degree, so that a backtracking matcher takes at least quadratic time, when its
automaton has two different states p and q and a text w that leads from p to p, from p to q and from q to q (Weber and
Seidl, "On the degree of ambiguity of finite automata", 1991, criterion IDA). A search begins at each position in turn,
which is a state of its own that every character leads back to. States that no text fails from do not count.

Characters are sampled: those that the pattern names, their neighbours, and one of each class. Assertions about one
character and `\\b` are obeyed, all others are taken for true once what they contain is read; a backreference is read as
the empty text. Both can only find more than there is, never less. A repetition that ends at a number is a bounded
factor and no loop.
"""

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from re import _constants as op
from re import _parser as parser
from typing import Any, Final

SAMPLES: Final = "\n\r\t \x00\x1b\x85\xa0aAzZ09_-.,:;/<>()[]{}!?=\"'&#%@|*`~^$+\\éß中あ한ي、。　\u200b\U0001f600"
# Repetitions up to a number are unrolled this often: what matters is that they end.
UNROLLED: Final = 6
_ONE: Final = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_NOTHING: Final[frozenset[str]] = frozenset()
_WORD: Final = [(op.CATEGORY, op.CATEGORY_WORD)]


def witness(pattern: str, flags: int, *, is_search: bool) -> str | None:
    """Return a text that, repeated, takes more than linear time, or None where there is none.

    `is_search`: the pattern is tried at each position (search, sub, split, findall, finditer), not at the first alone.
    """
    found = _witness(pattern, flags, is_search=False)
    return found if found is not None or not is_search else _witness(pattern, flags, is_search=True)


def _witness(pattern: str, flags: int, *, is_search: bool) -> str | None:
    parsed = parser.parse(pattern, flags)
    # Behind the first position, which is one of many, nothing that demands the beginning can match.
    builder = _Builder(flags | parsed.state.flags, _alphabet(parsed), at_beginning=not is_search)
    start = first = builder.state()
    if is_search:
        builder.steps[first].append((builder.alphabet, first))
        start = builder.behind(first)
    end = builder.sequence(parsed, start)
    builder.keep_one_of_each_class()
    return _Search(builder, end).witness(first)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Empty:
    """A step without a character: what cannot have come before, what cannot come next, and when it may be refused."""

    to: int
    not_behind: frozenset[str] = _NOTHING
    not_before: frozenset[str] = _NOTHING
    may_fail: bool = False
    # The end of the text allows it.
    at_end: bool = False


class _Builder:
    """Makes the automaton of a parsed pattern: for each state, its steps and its empty steps."""

    def __init__(self, flags: int, alphabet: frozenset[str], *, at_beginning: bool) -> None:
        self.steps: list[list[tuple[frozenset[str], int]]] = []
        self.empty: list[list[_Empty]] = []
        self.alphabet = alphabet
        self._flags = flags
        self._at_beginning = at_beginning

    def state(self) -> int:
        """Return a new state."""
        self.steps.append([])
        self.empty.append([])
        return len(self.steps) - 1

    def behind(self, start: int, **limits: Any) -> int:
        """Return a new state behind an empty step."""
        state = self.state()
        self.empty[start].append(_Empty(to=state, **limits))
        return state

    def sequence(self, items: Iterable[tuple[Any, Any]], start: int) -> int:
        """Append `items` behind `start`; return the state behind them."""
        for kind, value in items:
            start = self._item(kind, value, start)
        return start

    def keep_one_of_each_class(self) -> None:
        """Reduce the alphabet: of the characters that no step tells apart, one is enough."""
        steps = [characters for each in self.steps for characters, _ in each]
        sets = {*steps, *(made for each in self.empty for step in each for made in (step.not_behind, step.not_before))}
        kept = frozenset({tuple(char in each for each in sets): char for char in sorted(self.alphabet)}.values())
        self.alphabet = kept
        self.steps = [[(characters & kept, target) for characters, target in each] for each in self.steps]
        self.empty = [
            [replace(step, not_behind=step.not_behind & kept, not_before=step.not_before & kept) for step in each]
            for each in self.empty
        ]

    def _item(self, kind: Any, value: Any, start: int) -> int:  # noqa: PLR0911
        if kind in _ONE:
            end = self.state()
            self.steps[start].append((self._characters(kind, value), end))
            return end
        if kind in _REPEATS:
            return self._repeat(kind, value, start)
        if kind is op.SUBPATTERN:
            return self._with_flags(value, start)
        if kind is op.ATOMIC_GROUP:
            return self.sequence(value, start)
        if kind in (op.BRANCH, op.GROUPREF_EXISTS):
            end = self.state()
            for branch in value[1] if kind is op.BRANCH else (value[1], value[2] or []):
                self.empty[self.sequence(branch, self.behind(start))].append(_Empty(to=end))
            return end
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return self._assertion(kind is op.ASSERT_NOT, value, start)
        if kind is op.AT:
            return self._place(value, start)
        if kind is op.GROUPREF:
            return self.behind(start, may_fail=True)
        raise NotImplementedError(f"{kind} in a regular expression")

    def _with_flags(self, value: Any, start: int) -> int:
        _, added, removed, items = value
        before, self._flags = self._flags, (self._flags | added) & ~removed
        end = self.sequence(items, start)
        self._flags = before
        return end

    def _repeat(self, kind: Any, value: Any, start: int) -> int:
        least, most, items = value
        for _ in range(min(least, UNROLLED)):
            start = self.sequence(items, start)
        if most is op.MAXREPEAT:
            loop = self.behind(start)
            self.empty[self.sequence(items, loop)].append(_Empty(to=loop))
            # A possessive loop of single characters is left only before another character.
            inside = self._one(items) if kind is op.POSSESSIVE_REPEAT else None
            return self.behind(loop, not_before=inside or _NOTHING)
        end = self.state()
        for _ in range(min(most - least, UNROLLED)):
            self.empty[start].append(_Empty(to=end))
            start = self.sequence(items, start)
        self.empty[start].append(_Empty(to=end))
        return end

    def _assertion(self, is_negative: bool, value: Any, start: int) -> int:
        direction, items = value
        one = self._one(items)
        if one is None:
            self.sequence(items, self.behind(start))
            return self.behind(start, may_fail=True)
        refused = one if is_negative else self.alphabet - one
        if direction < 0:
            return self.behind(start, not_behind=refused, may_fail=True)
        return self.behind(start, not_before=refused, may_fail=True)

    def _place(self, where: Any, start: int) -> int:
        is_line = self._flags & re.MULTILINE
        if where is op.AT_BEGINNING and is_line:
            return self.behind(start, not_behind=self.alphabet - {"\n"}, may_fail=True)
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return self.behind(start) if self._at_beginning else self.state()
        if where in (op.AT_END, op.AT_END_STRING):
            after = _NOTHING if where is op.AT_END_STRING else frozenset("\n")
            return self.behind(start, not_before=self.alphabet - after, may_fail=True, at_end=True)
        word = self._characters(op.IN, _WORD)
        others = self.alphabet - word
        sides = ((others, word), (word, others)) if where is op.AT_BOUNDARY else ((word, others), (others, word))
        end = self.state()
        for not_behind, not_before in sides:
            state = self.behind(start, not_behind=not_behind, not_before=not_before, may_fail=True)
            self.empty[state].append(_Empty(to=end))
        return end

    def _one(self, items: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
        """Return the characters of `items` where they are one character, else None."""
        listed = list(items)
        while len(listed) == 1 and listed[0][0] is op.SUBPATTERN and not any(listed[0][1][1:3]):
            listed = list(listed[0][1][3])
        return self._characters(*listed[0]) if len(listed) == 1 and listed[0][0] in _ONE else None

    def _characters(self, kind: Any, value: Any) -> frozenset[str]:
        if kind is op.ANY:
            return self.alphabet if self._flags & re.DOTALL else self.alphabet - {"\n"}
        return frozenset(
            char for char in self.alphabet if any(self._is(kind, value, each) for each in self._cases(char))
        )

    def _cases(self, char: str) -> set[str]:
        return {char, char.lower(), char.upper()} if self._flags & re.IGNORECASE else {char}

    def _is(self, kind: Any, value: Any, char: str) -> bool:
        if kind is op.LITERAL:
            return bool(ord(char[0]) == value)
        if kind is op.NOT_LITERAL:
            return bool(ord(char[0]) != value)
        members, negated = [each for each in value if each[0] is not op.NEGATE], value[0][0] is op.NEGATE
        return any(self._member(each, char[0]) for each in members) is not negated

    def _member(self, member: tuple[Any, Any], char: str) -> bool:
        kind, value = member
        if kind is op.LITERAL:
            return bool(ord(char) == value)
        if kind is op.RANGE:
            return bool(value[0] <= ord(char) <= value[1])
        expression = _CATEGORIES[value]
        return re.fullmatch(expression, char, re.ASCII if self._flags & re.ASCII else re.NOFLAG) is not None


_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _named(items: Iterable[tuple[Any, Any]]) -> Iterator[int]:
    """Yield the code points that a parsed pattern names."""
    for kind, value in items:
        if kind in (op.LITERAL, op.NOT_LITERAL):
            yield value
        elif kind is op.RANGE:
            yield from value
        elif kind in (op.IN, op.ATOMIC_GROUP):
            yield from _named(value)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _named(branch)
        elif kind is op.GROUPREF_EXISTS:
            yield from _named([*value[1], *(value[2] or [])])
        elif kind in _REPEATS:
            yield from _named(value[2])
        elif kind is op.SUBPATTERN:
            yield from _named(value[3])
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _named(value[1])


def _alphabet(parsed: Any) -> frozenset[str]:
    near = {code + step for code in set(_named(parsed)) for step in (-1, 0, 1)}
    return frozenset(SAMPLES) | {chr(code) for code in near if 0 <= code <= 0x10FFFF}


# A state of the builder, and the empty steps that the character before it forbids.
_State = tuple[int, frozenset[_Empty]]


class _Search:
    """Looks for two states as in the criterion above."""

    def __init__(self, builder: _Builder, end: int) -> None:
        self._builder = builder
        self._end = end
        self._watched = [_behind_of(builder, state) for state in range(len(builder.steps))]
        self._next: dict[_State, dict[str, set[_State]]] = {}
        self._reach: dict[_State, set[_State]] = {}

    def witness(self, first: int) -> str | None:
        """Return w, or None."""
        start: _State = (first, frozenset())
        self._explore(start)
        for state in self._next:
            self._reach[state] = self._reached(state)
        safe = {state for state in self._next if self._cannot_fail(state)}
        loops = [state for state in self._next if state in self._reach[state]]
        for p in loops:
            for q in loops:
                if p[0] != q[0] and q in self._reach[p] and q not in safe:
                    found = self._word(p, q)
                    if found is not None:
                        return found
        return None

    def _explore(self, start: _State) -> None:
        waiting = [start]
        while waiting:
            state = waiting.pop()
            if state in self._next:
                continue
            made = self._next[state] = {}
            for inner, refused in self._closure(state, lambda _: True).items():
                for characters, target in self._builder.steps[inner]:
                    for char in characters - refused:
                        blocked = frozenset(each for each in self._watched[target] if char in each.not_behind)
                        made.setdefault(char, set()).add((target, blocked))
            waiting += [each for targets in made.values() for each in targets]

    def _closure(self, state: _State, allows: Any) -> dict[int, frozenset[str]]:
        """Return the states that empty steps lead to, with the characters that cannot come next."""
        number, blocked = state
        found: dict[int, frozenset[str]] = {number: _NOTHING}
        waiting = [number]
        while waiting:
            here = waiting.pop()
            for each in self._builder.empty[here]:
                if each in blocked or not allows(each):
                    continue
                refused = found[here] | each.not_before
                known = found.get(each.to)
                if known is None or known - refused:
                    found[each.to] = refused if known is None else known & refused
                    waiting.append(each.to)
        return found

    def _reached(self, state: _State) -> set[_State]:
        found: set[_State] = set()
        waiting = [state]
        while waiting:
            for targets in self._next[waiting.pop()].values():
                new = targets - found
                found |= new
                waiting += new
        return found

    def _cannot_fail(self, state: _State) -> bool:
        """Return whether a match ends here, whatever comes, or at the end of the text at the latest."""
        if self._end in self._closure(state, lambda each: not each.may_fail):
            return True
        leads_back = all(
            any(each[0] == state[0] for each in self._next[state].get(char, ())) for char in self._builder.alphabet
        )
        return leads_back and self._end in self._closure(state, lambda each: not each.may_fail or each.at_end)

    def _word(self, p: _State, q: _State) -> str | None:
        begin, goal = (p, p, q), (p, q, q)
        seen = {begin}
        waiting: deque[tuple[tuple[_State, _State, _State], str]] = deque([(begin, "")])
        while waiting:
            (a, b, c), word = waiting.popleft()
            for char in self._next[a].keys() & self._next[b].keys() & self._next[c].keys():
                for x in self._towards(p, self._next[a][char]):
                    for y in self._towards(q, self._next[b][char]):
                        for z in self._towards(q, self._next[c][char]):
                            if (x, y, z) == goal:
                                return word + char
                            if (x, y, z) not in seen:
                                seen.add((x, y, z))
                                waiting.append(((x, y, z), word + char))
        return None

    def _towards(self, goal: _State, states: Collection[_State]) -> list[_State]:
        return [each for each in states if each == goal or goal in self._reach[each]]


def _behind_of(builder: _Builder, state: int) -> list[_Empty]:
    """Return the empty steps from `state` on that look at the character before."""
    found, seen, waiting = [], {state}, [state]
    while waiting:
        for each in builder.empty[waiting.pop()]:
            if each.not_behind:
                found.append(each)
            if each.to not in seen:
                seen.add(each.to)
                waiting.append(each.to)
    return found
