"""Links, embeds, callouts and tags of Obsidian as Markdown. Pure."""

import re
from typing import Final

from feedsvc.articles.assets import media_type_of
from feedsvc.articles.source_text.code_ranges import without_code
from feedsvc.importing.readers.markdown.references import Links, link, picture

# What people write in front of a tag of Obsidian is no letter; one of digits alone is a number.
_TAG: Final = re.compile(r"(?<![^\s(\[,;])#(?=[\w/-]*[^\W\d_])([\w/-]+)")


def wiki_link(found: re.Match[str], links: Links) -> str:
    """Return a link of Obsidian: `[[file#heading|text]]`, `![[picture.png|300]]`.

    Of one to a file that is not for the public, its text stays, else the name as it stands in the text: no folder, no
    heading and no address. An embedded one is left out.
    """
    target, _, text = found["target"].partition("|")
    path, _, part = target.strip().partition("#")
    if found["embed"] and media_type_of(path):
        size = re.fullmatch(r"\d+(?:x\d+)?", text.strip())
        return picture(path, "" if size else text.strip())
    text = text.strip()
    if path and links.is_hidden(path):
        return "" if found["embed"] else text or path.rpartition("/")[2].removesuffix(".md")
    text = text or target.strip().replace("#", " › ").removeprefix(" › ")
    # As the ids of headings are made.
    id_ = re.sub(r"[^\w-]", "", part.lower().replace(" ", "-"))
    heading = f"#{id_}" if id_ and not part.startswith("^") else ""
    return link(text, path, links, heading) if path else f"[{text}]({heading})" if heading else text


def callout(found: re.Match[str], _links: Links) -> str:
    """Return a callout as a quotation with a title."""
    title = found["title"].strip() or found["kind"].replace("-", " ").capitalize()
    return f"{found['marks']}**{title}**\n{found['marks'].rstrip()}"


def tags_in(body: str) -> tuple[str, ...]:
    """Return the tags that stand in a text of Obsidian, `#fabs`, each once."""
    return tuple(dict.fromkeys(_TAG.findall(without_code(body, is_markdown=True)))) if "#" in body else ()
