"""Articles that are made to be slow: at each limit or just over it, the slowest known input of each stage."""

from collections.abc import Iterator

from feedsvc.articles.limits import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_CANDIDATES,
    MAX_ELEMENTS,
    MAX_FILES,
    MAX_NESTING,
    MAX_REFERENCES,
)

_HEAD = "title: Bomb\npublished: 2026-10-01\ntopics: [chips]\n"
_TOML = 'title = "Bomb"\npublished = 2026-10-01\ntopics = ["chips"]\n'
# The size of a body that fits into a file with its front matter.
ROOM = MAX_BYTES - 200
_FORMATTING = "".join(f"<b id={number}>" for number in range(16))
_CHOICE = "".join(f"{number:x}.png, " for number in range(MAX_CANDIDATES + 1))
_GOOD = ", ".join(f"good-{number}" for number in range(90))

_BODIES = {
    # bytes
    "size.html": "x" * (MAX_BYTES + 1),
    # Unicode: marks in the wrong order are sorted
    "marks.md": "a" + "\u0301" * (ROOM // 4) + "\u0327" * (ROOM // 4 - 1),
    "bidi.txt": "\u2067\u202e" * (ROOM // 6),
    # lexbor: the tree, and how far an end tag looks
    "elements.html": "<p>x" * (MAX_ELEMENTS + 1),
    "depth.html": "<div>" * (MAX_NESTING + 1),
    "deep.html": "<div>" * MAX_ELEMENTS,
    "end-tags.html": "<span>" * MAX_ELEMENTS + "</x>" * (ROOM // 4 - 2 * MAX_ELEMENTS),
    "ark.html": _FORMATTING + "<p>" * (MAX_ELEMENTS - 16),
    "attributes.html": "<a " + " ".join(f"a{number}" for number in range(MAX_ATTRIBUTES + 1)) + ">",
    "quotes.html": '<a b="' * (ROOM // 6),
    # nh3 and bleach
    "references.html": "&" * ROOM,
    "a-reference-too-many.html": "&amp;" * (MAX_REFERENCES + 1),
    # bleach alone: a <dl> is not plain, and each <p> was looked for among all the others
    "siblings.html": "<dl></dl>" + "<p><b>x</b> y</p>\n" * (MAX_ELEMENTS // 2 - 1),
    # srcset and the files beside an article
    "srcset.html": f'<img src="//a/x.png" srcset="{_CHOICE}">',
    "files.html": "".join(f'<img src="{number}.png">' for number in range(MAX_FILES + 1)),
    "players.html": "".join(f"<video title=t poster=/p src=//a/{number}></video>" for number in range(MAX_ELEMENTS)),
    # comrak
    "footnotes.md": "[^a]: x\n\n" + "[^a]" * (ROOM // 4 - 3),
    "table.md": "|" * 700 + "\n" + "|-" * 700 + "\n" + "x\n" * 700,
    "table-without-bars.md": "a\n:-\n" + "b\n" * (ROOM // 2 - 10),
    "delimiters.md": "*_~" * (ROOM // 3),
    "brackets.md": "[" * ROOM,
    # the .txt reader
    "lines.txt": "a\n\n" * (ROOM // 3),
}
_FILES = {
    # addresses: the longest slug there is, in each link
    "links.html": f"---\n{_HEAD}slug: {'𐐀' * 63}\n---\n" + "<a href=#>x</a>" * (MAX_ELEMENTS - 10),
    "images.html": f"---\n{_HEAD}slug: {'𐐁' * 63}\n---\n" + "<img src=?>" * (MAX_ELEMENTS - 10),
    # YAML and TOML
    "fields.md": "---\n" + _HEAD + "".join(f"{number:x}:\n" for number in range(10_000)) + "---\nx",
    "yaml.md": "---\n" + _HEAD + "x: " + "[" * 60_000 + "\n---\nx",
    "anchors.md": "---\n" + _HEAD + "a: &a [x, x]\nb: &b [*a, *a]\n---\nx",
    "spaces.md": "+++\n" + _TOML + " " * 60_000 + "#\n+++\n" + "x",
    "keys.md": "+++\n" + _TOML + "a" + ".a" * 30_000 + " = 1\n+++\nx",
    "quoted-keys.md": "+++\n" + _TOML + '"+"' + '."+"' * 16_000 + " = 1\n+++\nx",
    "arrays.md": "+++\n" + _TOML + "x = " + "[" * 60_000 + "\n+++\nx",
    # claims: the slugs of good articles, from long before them
    "hijack.md": "---\n" + _HEAD.replace("2026", "1000") + f"aliases: [{_GOOD}]\n---\nx",
    "aliases.md": "---\n" + _HEAD + f"aliases: [{', '.join(f'a{number}' for number in range(5_000))}]\n---\nx",
    # dates
    "date.md": "---\n" + _HEAD.replace("2026-10-01", f"'2026 {'1 ' * 990}'") + "---\nx",
}


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield the name of a file and its bytes."""
    for name, body in _BODIES.items():
        yield name, f"---\n{_HEAD}---\n{body}".encode()
    for name, text in _FILES.items():
        yield name, text.encode()
