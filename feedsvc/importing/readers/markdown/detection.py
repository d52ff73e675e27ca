"""Find the system that made a Markdown file: by its fields, its name, its folders and its text. Pure."""

import re
from pathlib import PurePath
from typing import Final

from feedsvc.articles.metadata import systems
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.metadata.systems import SYSTEMS, System
from feedsvc.importing.readers.markdown.heads import HASH

# Jekyll: https://jekyllrb.com/docs/posts/#creating-posts
DATED_NAME: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(.+)")
# Links and callouts of Obsidian.
_OBSIDIAN: Final = re.compile(r"!?\[\[[^\[\]\n]+\]\]|^> \[!\w+\]|%%", re.MULTILINE)
_HUGO: Final = re.compile(r"\{\{[<%]\s*/?[\w]")


def system_of(source: str, text: str, front: FrontMatter | None, named: str) -> System:
    """Return the system that the person who imports has `named`, else the one that a file seems to be of, or ANY."""
    if found := SYSTEMS.get(named):
        return found
    path = PurePath(source)
    fields = front.fields if front else {}
    first = text.split("\n", 1)[0].rstrip()
    by_field = (found for name in fields if (found := systems.system_of_field(name)) is not None)
    parts = [each.lower() for each in path.parts[:-1]]
    is_obsidian = "title" not in map(str.lower, fields) and _OBSIDIAN.search(front.body if front else text)
    reasons = (
        (HASH.search(path.stem), "notion"),
        ("_posts" in parts[1:] and parts[parts.index("_posts") - 1] == "source", "hexo"),
        ("_posts" in parts or "_drafts" in parts, "jekyll"),
        (re.match("---[ \t]*json", first), "eleventy"),
        (first.startswith("%"), "pandoc"),
        (front is not None and first not in ("---", "+++") and first[:1] not in ("{", '"', "-", ";"), "pelican"),
        (path.suffix.lower() == ".mdx", "astro"),
        (first == "+++" and fields.keys() & {"taxonomies", "extra", "path"}, "zola"),
        (first == "+++" or first.startswith("{"), "hugo"),
        ("\n;;;\n" in text, "hexo"),
    )
    name = next((name for reason, name in reasons if reason), "")
    if not name and (by_name := next(by_field, None)):
        return by_name
    if not name:
        more = (
            (DATED_NAME.fullmatch(path.stem) and "layout" in fields, "jekyll"),
            (_HUGO.search(text), "hugo"),
            (any(isinstance(each, list) for each in list(fields.get("categories", ()))), "hexo"),
            (is_obsidian, "obsidian"),
        )
        name = next((name for reason, name in more if reason), "")
    return SYSTEMS.get(name, systems.ANY)
