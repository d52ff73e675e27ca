"""Replace WordPress's own shortcodes ([caption], [gallery] …) by HTML. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import Final

from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.importing.readers.feeds.entries import FieldReader

# The longest attributes of a shortcode, in characters. An unclosed one is searched once.
_MAX_LENGTH: Final = 2000
_GALLERY: Final = re.compile(rf"\[gallery([^\]]{{0,{_MAX_LENGTH}}})\]")
_CAPTION: Final = rf"\[caption\b[^\]]{{0,{_MAX_LENGTH}}}+\]"
_CAPTIONS: Final = Pairs({"caption": (_CAPTION, r"\[/caption\]")}, re.NOFLAG)
_REMAINING: Final = re.compile(rf"\[([a-z][\w-]{{2,}})(\s+\w+=[^\]]{{0,{_MAX_LENGTH}}})?\](?!\()")
_CLOSED: Final = re.compile(r"\[/([a-z][\w-]{2,})\]")


def expand_shortcodes(text: str, attachments: Mapping[str, str], reader: FieldReader) -> str:
    """Return a post's text with the shortcodes of WordPress as HTML. `attachments` maps numbers to addresses.

    Shortcodes of plugins stay as text, and a note names them.
    """

    def gallery(match: re.Match[str]) -> str:
        listed = re.search(r"\bids=[\"']?([\d,\s]+)", match[1])
        numbers = re.findall(r"\d+", listed[1]) if listed else []
        lost = [each for each in numbers if not attachments.get(each)]
        if lost or not numbers:
            which = f"attachments {', '.join(lost)} are" if numbers else "its pictures are"
            reader.notes.append(
                f"gallery: left out, since the export does not say where {which} (export the media too)"
            )
        images = [f'<p><img src="{escape(attachments[each])}" alt=""></p>' for each in numbers if each not in lost]
        return "\n\n".join(["", *images, ""])

    text = _GALLERY.sub(gallery, text)
    text = _CAPTIONS.replaced(text, _caption)
    for pattern, made in _SHORTCODES:
        text = pattern.sub(made, text)
    left = _REMAINING.findall(text)
    sure = {name for name, attributes in left if attributes} | set(_CLOSED.findall(text))
    unknown = sorted({name for name, _ in left} & sure)
    if unknown:
        reader.notes.append(f"shortcodes stay as text: {', '.join(unknown)} (replace them by what they showed)")
    return text


def _caption(whole: str) -> str:
    opening = re.match(_CAPTION, whole)
    assert opening is not None, "it begins each of _CAPTIONS"
    inside = whole[opening.end() : -len("[/caption]")]
    image = re.match(r"\s*+((?:<a\b[^<>]*>\s*+)?<img\b[^<>]*>(?:\s*+</a>)?)(.*)", inside, re.DOTALL)
    written = re.search(r"caption=\"([^\"]*)\"", opening[0])
    if image is None:
        return inside
    caption = image[2].strip() or (unescape(written[1]) if written else "")
    return f"\n\n<figure>{image[1].strip()}<figcaption>{caption}</figcaption></figure>\n\n"


def _embed(match: re.Match[str]) -> str:
    return f'\n\n<p><a href="{match[1].strip()}">{match[1].strip()}</a></p>\n\n'


_SHORTCODES: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(rf"\[embed[^\]]{{0,{_MAX_LENGTH}}}\](\s*+https?://[^\[\s]++\s*+)\[/embed\]"), _embed),
    (
        re.compile(
            rf"\[(?:audio|video)\b[^\]\"]{{0,{_MAX_LENGTH}}}?\b(?:src|mp3|mp4)=\"(https?://[^\"\s]{{1,{_MAX_LENGTH}}})\""
            rf"[^\]]{{0,{_MAX_LENGTH}}}\](?:\[/(?:audio|video)\])?"
        ),
        _embed,
    ),
    (re.compile(r"^(https?://\S+)$", re.MULTILINE), _embed),
    (re.compile(r"\[/?(?:more|nextpage)\]"), ""),
)
