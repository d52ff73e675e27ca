"""Shortcodes of Hugo, and tags of Liquid (Jekyll) and Hexo, as Markdown. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from feedsvc.articles.assets import media_type_of
from feedsvc.importing.readers.markdown.references import Links, link, picture

_ATTRIBUTE: Final = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+(\"[^\"]*\"|'[^']*'|`[^`]*`|[^\s\"'`]+)")
_WORD: Final = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|[^\s\"'`=]+")
_POST_OF_X: Final = "<https://x.com/{}/status/{}>"


def replaced(found: re.Match[str], links: Links) -> str:
    """Return what a shortcode of Hugo, or a tag of Liquid or Hexo, stands for; itself where that is not known."""
    name, arguments = found["name"].lower(), _arguments(found["arguments"] or "")
    if of_link := _OF_LINKS.get(name):
        written = of_link(arguments[1] or [arguments[0].get("path", "")], links)
    else:
        made = _SHORTCODES.get(name)
        written = made(*arguments) if made else None
    return found[0] if written is None else written


def video(address: str) -> "Shortcode":
    """Return the shortcode of a video whose page has this address, with {} for its name."""

    def made(named: Mapping[str, str], words: Sequence[str]) -> str | None:
        id_ = named.get("id") or next(iter(words), "")
        return f"<{address.format(quote(id_, safe=''))}>" if id_ else None

    return made


def figure(named: Mapping[str, str], _words: Sequence[str]) -> str | None:
    """Return the picture of Hugo's `figure`."""
    caption = named.get("caption") or named.get("title", "")
    return picture(named["src"], named.get("alt", ""), caption) if named.get("src") else None


def image(_named: Mapping[str, str], words: Sequence[str]) -> str | None:
    """Return the picture of Hexo: [class names] /path/to/image [width] [height] [title text]."""
    at = next((at for at, word in enumerate(words) if media_type_of(word)), None)
    title = [each for each in words[(at or 0) + 1 :] if not each.isdecimal()]
    return None if at is None else picture(words[at], " ".join(title))


def address(words: Sequence[str], links: Links) -> str | None:
    """Return the address of an article in the file that is named."""
    path, mark, part = words[0].partition("#")
    return f"{quote(links.slug_of(path)) if path else ''}{mark}{part}" if path or part else None


def post_link(words: Sequence[str], links: Links) -> str | None:
    """Return a link to a post of Hexo: its name, and the text."""
    return link(" ".join(words[1:]) or words[0], words[0], links) if words[0] else None


def tweet(named: Mapping[str, str], _words: Sequence[str]) -> str | None:
    """Return a link to a post of X."""
    return _POST_OF_X.format(named.get("user", "i"), named["id"]) if named.get("id") else None


Shortcode = Callable[[Mapping[str, str], Sequence[str]], str | None]
_SHORTCODES: Final[Mapping[str, Shortcode]] = {
    "youtube": video("https://www.youtube.com/watch?v={}"),
    "vimeo": video("https://vimeo.com/{}"),
    "bilibili": video("https://www.bilibili.com/video/{}"),
    "gist": lambda _named, words: f"<https://gist.github.com/{'/'.join(words[:2])}>" if words else None,
    **dict.fromkeys(("tweet", "twitter", "x"), tweet),
    "figure": figure,
    **dict.fromkeys(("img", "asset_img"), image),
    **dict.fromkeys(("raw", "endraw"), lambda _named, _words: ""),
}

_OF_LINKS: Final[Mapping[str, Callable[[Sequence[str], Links], str | None]]] = {
    **dict.fromkeys(("ref", "relref", "post_url", "link", "post_path"), address),
    "post_link": post_link,
}


def fenced(found: re.Match[str], _links: Links) -> str:
    """Return a block of code between two tags as a fenced one."""
    fence = "`" * max(3, *(len(each) + 1 for each in re.findall("`+", found["code"])), 3)
    words = [each for each in (found["arguments"] or "").split() if re.fullmatch(r"[\w+#-]+", each)]
    return f"{fence}{words[0] if words else ''}\n{found['code'].strip(chr(10))}\n{fence}"


def _arguments(written: str) -> tuple[dict[str, str], list[str]]:
    """Return the named and the other arguments of a shortcode."""
    named = {name: value.strip("\"'`") for name, value in _ATTRIBUTE.findall(written)}
    return named, [each.strip("\"'`") for each in _WORD.findall(_ATTRIBUTE.sub(" ", written))]
