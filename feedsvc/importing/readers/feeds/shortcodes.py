"""Replace WordPress's own shortcodes ([caption], [gallery], [youtube] …) by HTML. Pure.

Code is set aside before, so that brackets in it stay: in <pre> and <code>, and in [code] and its like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.importing.readers.feeds.attachments import Attachment
from feedsvc.importing.readers.feeds.entries import FieldReader
from feedsvc.importing.readers.feeds.set_aside import SetAside
from feedsvc.text import plain, shorten
from feedsvc.urls import FETCH_SCHEMES, resolve

# The longest attributes of a shortcode, in characters. An unclosed one is searched once.
_MAX_LENGTH: Final = 2000
_MAX_NOTE: Final = 500
# SyntaxHighlighter and Jetpack: https://wordpress.com/support/code/posting-source-code/
_CODE: Final = (
    "code sourcecode source bash shell cpp csharp css java javascript js objc perl php powershell python py ruby sql "
    "xml"
).split()
# Those that do not name a language.
_ANY_CODE: Final = ("code", "sourcecode", "source")
_LANGUAGE: Final = re.compile(r"\s(?:language|lang)\s*=\s*[\"']?([A-Za-z0-9+#._-]{1,30})", re.IGNORECASE)
_INLINE_CODE: Final = ("code", "kbd", "samp", "tt")
_KEPT: Final = Pairs(
    {
        "comment": ("<!--", "-->"),
        **{name: (rf"<{name}\b", rf"</{name}\s*+>") for name in ("pre", "script", "style", "textarea", *_INLINE_CODE)},
        **{f"of_{name}": (rf"(?<!\[)\[{name}(?:\s[^\[\]]{{0,{_MAX_LENGTH}}}+)?\]", rf"\[/{name}\]") for name in _CODE},
    }
)
_CODE_END: Final = re.compile(r"(?<![\n>])(</code>\s*+</pre>)\Z", re.IGNORECASE)
_LEFT_ALONE: Final = ("<!--", "<script", "<style", "<textarea")
# What SyntaxHighlighter writes for these characters in a post that it stored (htmlspecialchars of PHP).
_ESCAPED: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#39;": "'", "&amp;": "&"}
_ESCAPES: Final = re.compile("|".join(_ESCAPED))
_CAPTION: Final = rf"\[(?:wp_)?caption\b[^\]]{{0,{_MAX_LENGTH}}}+\]"
_CAPTIONS: Final = Pairs({"caption": (_CAPTION, r"\[/(?:wp_)?caption\]")}, re.NOFLAG)
_REMAINING: Final = re.compile(rf"\[([a-z][\w-]{{2,}})(\s+[\w-]+=[^\]]{{0,{_MAX_LENGTH}}})?\](?!\()")
_CLOSED: Final = re.compile(r"\[/([a-z][\w-]{2,})\]")
_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>|\[\]]+", re.IGNORECASE)
_SIZE: Final = re.compile(r"&(?:amp;|#0*38;)?[wh]=\d+")
_LINE: Final = re.compile(r"^[^\S\n]*+(https?://[^\s<>\"\[\]]++)[^\S\n]*+$", re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"<p(?:\s[^<>]*+)?>\s*+(https?://[^\s<>\"\[\]]++)\s*+</p>", re.IGNORECASE)
_IFRAME_TITLE: Final = re.compile(r"<iframe\b[^<>]*?\stitle=(\"[^\"]*+\"|'[^']*+')", re.IGNORECASE)

# Names of shortcodes that show what is at an address, and the address that a number or name alone means.
_EMBEDS: Final[Mapping[str, str]] = {
    "archiveorg": "https://archive.org/details/{}",
    "audio": "",
    "bandcamp": "",
    "codepen": "",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "embed": "",
    "embedyt": "https://www.youtube.com/watch?v={}",
    "facebook": "",
    "flickr": "",
    "gist": "https://gist.github.com/{}",
    "googlemaps": "",
    "instagram": "https://www.instagram.com/p/{}/",
    "kickstarter": "",
    "pinterest": "",
    "scribd": "https://www.scribd.com/document/{}",
    "slideshare": "https://www.slideshare.net/slideshow/embed_code/{}",
    "soundcloud": "",
    "spotify": "",
    "ted": "https://www.ted.com/talks/{}",
    "tiktok": "",
    "tweet": "https://twitter.com/i/status/{}",
    "twitch": "",
    "video": "",
    "videopress": "https://videopress.com/v/{}",
    "vimeo": "https://vimeo.com/{}",
    "wpvideo": "https://videopress.com/v/{}",
    "youtube": "https://www.youtube.com/watch?v={}",
}
_KNOWN: Final = (*_CODE, *_EMBEDS, "gallery", "playlist", "caption", "wp_caption", "more", "nextpage")
_SHORTCODE: Final = re.compile(
    rf"\[({'|'.join((*_EMBEDS, 'gallery', 'playlist'))})((?:[\s=:][^\[\]]{{0,{_MAX_LENGTH}}}+)?)\]"
    rf"(?:([^\[\]]{{0,{_MAX_LENGTH}}}+)\[/\1\])?"
)
# [[gallery]] is shown as [gallery].
_DOUBLED: Final = re.compile(
    rf"\[(\[({'|'.join(_KNOWN)})(?![\w-])[^\[\]]{{0,{_MAX_LENGTH}}}+\](?:[^\[\]]{{0,{_MAX_LENGTH}}}+\[/\2\])?)\]"
)
_SEPARATORS: Final = re.compile(r"\[/?(?:more|nextpage)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the text of a post refers to: its number and post meta; and, by number, attachments and reusable blocks.

    `galleries` are the pictures that were uploaded to each post, by its number.
    """

    number: str
    attachments: Mapping[str, Attachment]
    galleries: Mapping[str, Sequence[Attachment]]
    reusable: Mapping[str, str]
    meta: Sequence[tuple[str, str]] = ()
    _players: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        # WordPress keeps what the host of an embedded address answered, with the title of the video.
        self._players.extend(value for name, value in self.meta if name.startswith("_oembed_") and "<iframe" in value)

    def link(self, address: str, title: str = "") -> str:
        """Return a paragraph with a link to an embedded address, as written in HTML. Its text is a title if known."""
        url = unescape(address.strip())
        key = _key_of(url)
        players = (each for each in self._players if key and key in each)
        found = next((match[1][1:-1] for each in players if (match := _IFRAME_TITLE.search(each))), "")
        text = title or plain(unescape(found)) or url
        return f'<p><a href="{escape(url)}">{escape(text)}</a></p>'


def _key_of(url: str) -> str:
    """Return the part of an address that a player of it has too: the number of the video; "" if there is none."""
    if resolve(url, "invalid:", FETCH_SCHEMES) is None:
        return ""
    parts = urlsplit(url)
    key = (parse_qs(parts.query).get("v") or [parts.path.rstrip("/").rpartition("/")[2]])[0]
    return key if len(key) > 4 else ""


def set_code_aside(text: str, aside: SetAside) -> str:
    """Return a post's text with marks in place of its code. [code] becomes <pre><code>."""

    def made(whole: str) -> str:
        if whole.lower().startswith(_LEFT_ALONE):
            return whole
        if whole.startswith("["):
            opening, code = whole[: whole.index("]")], whole[whole.index("]") + 1 : whole.rindex("[")].strip("\n")
            name = re.match(r"\[(\w+)", opening)
            stated = _LANGUAGE.search(opening)
            language = stated[1] if stated else name[1] if name and name[1].lower() not in _ANY_CODE else ""
            # A post has either all or none of these characters escaped.
            code = code if "<" in code else _ESCAPES.sub(lambda found: _ESCAPED[found[0]], code)
            class_ = f' class="language-{language.lower()}"' if language else ""
            return aside.block(f"<pre><code{class_}>{escape(code, quote=False)}\n</code></pre>")
        # CommonMark's code ends with a line break; no reader shows it.
        return aside.block(_CODE_END.sub(r"\n\1", whole)) if whole[1:4].lower() == "pre" else aside.inline(whole)

    return _KEPT.replaced(text, made)


def expand_shortcodes(text: str, post: Post, reader: FieldReader, aside: SetAside) -> str:
    """Return a post's text with marks in place of the shortcodes of WordPress, and of addresses on a line of their own.

    Tags of other shortcodes around a text are removed, and its text stays; others stay as text. Notes name both.
    """
    text = _DOUBLED.sub(lambda found: aside.inline(found[1]), text)
    text = _CAPTIONS.replaced(text, lambda whole: _caption(whole, aside))

    def expanded(found: re.Match[str]) -> str:
        name, attributes, inside = found[1], found[2], found[3] or ""
        if name in ("gallery", "playlist"):
            return _gallery(name, attributes, post, reader, aside)
        address = _ADDRESS.search(inside) or _ADDRESS.search(attributes)
        if address:
            return aside.block(post.link(_SIZE.sub("", address[0])))
        bare = re.search(r"(?:^[\s=]|\bid=[\"']?|\bvideo=[\"']?)([\w-]{3,60}+)(?![\w=-])", attributes)
        bare = bare or re.fullmatch(r"\s*+([\w-]{3,60})\s*", inside)
        return aside.block(post.link(_EMBEDS[name].format(bare[1]))) if bare and _EMBEDS[name] else found[0]

    text = _SHORTCODE.sub(expanded, text)
    for pattern in (_PARAGRAPH, _LINE):
        text = pattern.sub(lambda found: aside.block(post.link(found[1])), text)
    return _without_unknown(_SEPARATORS.sub("", text), reader)


def _gallery(name: str, attributes: str, post: Post, reader: FieldReader, aside: SetAside) -> str:
    """Return the pictures that a gallery names, else those that were uploaded to the post."""

    def numbers(key: str) -> list[str]:
        listed = re.search(rf"\b{key}=[\"']?([\d,\s]+)", attributes)
        return re.findall(r"\d+", listed[1]) if listed else []

    listed = numbers("ids") or numbers("include")
    lost = [each for each in listed if each not in post.attachments]
    shown = [post.attachments[each] for each in listed if each not in lost]
    if not listed and name == "gallery":
        owner = (numbers("id") or [post.number])[0]
        excluded = [post.attachments[each] for each in numbers("exclude") if each in post.attachments]
        shown = [each for each in post.galleries.get(owner, ()) if each not in excluded]
        if re.search(r"\border=[\"']?DESC\b", attributes, re.IGNORECASE):
            shown.reverse()
    if lost or not shown:
        which = f"attachments {', '.join(lost)} are" if lost else "its pictures are"
        reader.notes.append(f"{name}: left out, since the export does not say where {which} (export the media too)")
    return aside.block("\n".join(each.html() for each in shown)) if shown else ""


def _caption(whole: str, aside: SetAside) -> str:
    opening = re.match(_CAPTION, whole)
    assert opening is not None, "it begins each of _CAPTIONS"
    inside = whole[opening.end() : whole.rindex("[/")]
    image = re.match(r"\s*+((?:<a\b[^<>]*>\s*+)?<img\b[^<>]*>(?:\s*+</a>)?)(.*)", inside, re.DOTALL)
    written = re.search(r"caption=\"([^\"]*)\"", opening[0])
    if image is None:
        return inside
    caption = image[2].strip() or (unescape(written[1]) if written else "")
    return aside.block(f"<figure>{image[1].strip()}<figcaption>{caption}</figcaption></figure>")


def _without_unknown(text: str, reader: FieldReader) -> str:
    """Return a text without the tags of unknown shortcodes that are closed. Notes name these, and what stays."""
    closed = set(_CLOSED.findall(text))
    removed: dict[str, None] = {}

    def without(found: re.Match[str]) -> str:
        if found[1] not in closed:
            return found[0]
        removed.setdefault(found[0])
        return ""

    opened = {found[1] for found in _REMAINING.finditer(text)}
    text = _REMAINING.sub(without, text)
    text = _CLOSED.sub(lambda found: "" if found[1] in opened else found[0], text)
    if removed:
        tags = shorten(", ".join(removed), _MAX_NOTE)
        reader.notes.append(f"shortcodes are removed, and the text in them stays: {tags} (write what they showed)")
    left = sorted({found[1] for found in _REMAINING.finditer(text) if found[2]} | set(_CLOSED.findall(text)))
    if left:
        reader.notes.append(f"shortcodes stay as text: {', '.join(left)} (replace them by what they showed)")
    return text
