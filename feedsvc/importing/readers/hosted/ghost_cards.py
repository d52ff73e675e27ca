"""Make HTML of a post of Ghost that the export has only in the format of its editor: Lexical, or Mobiledoc. Pure.

Both have text with marks, and cards (pictures, bookmarks, code …) with the same names and fields. The HTML is sanitized
afterwards, as all HTML of a source.
"""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final

from feedsvc.articles.markup import READERS
from feedsvc.syntax.nesting import load_json

Node = Mapping[str, Any]
# The bits of `format` in Lexical's text nodes, the outermost first.
_FORMATS: Final = (
    (64, "sup"),
    (32, "sub"),
    (8, "u"),
    (4, "s"),
    (128, "mark"),
    (1, "strong"),
    (2, "em"),
    (16, "code"),
)
_BLOCKS: Final = {
    "paragraph": "p",
    "quote": "blockquote",
    "extended-quote": "blockquote",
    "aside": "blockquote",
    "listitem": "li",
}
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_EMPTY: Final = ("root", "at-link-search", "zwnj")
_MEMBERS_ONLY: Final = "<!--members-only-->"
# Cards that no page shows as text, and what each is.
_NOT_ON_PAGES: Final = {
    "email": "only e-mails show it",
    "email-cta": "only e-mails show it",
    "signup": "it is a form of the site",
    "transistor": "it is a player for members",
}
_MAX_DEPTH: Final = 100


def html_of(post: Mapping[str, Any], notes: list[str]) -> str:
    """Return the public text of a post as HTML, and add notes: a format that cannot be read, and what is left out."""
    for field, read in (("lexical", html_of_lexical), ("mobiledoc", html_of_mobiledoc)):
        written = post.get(field)
        if not isinstance(written, str) or not written.strip():
            continue
        left_out: list[str] = []
        try:
            html = read(load_json(written), left_out)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            notes.append(f"{field}: cannot be read (export the post again, or paste its text)")
            continue
        notes += (f"{field}: a card {each}" for each in dict.fromkeys(left_out))
        html, paywall, _ = html.partition(_MEMBERS_ONLY)
        if paywall:
            notes.append(f"{field}: what follows the card 'paywall' is for members only, and is left out (paste it)")
        return html
    markdown = post.get("markdown")
    return READERS[".md"](markdown) if isinstance(markdown, str) else ""


def html_of_lexical(document: Node, left_out: list[str]) -> str:
    """Return a document of Lexical as HTML, and add what is left out. Raises for one of another shape."""
    return _inner(document["root"], left_out, 0)


def _inner(node: Node, left_out: list[str], depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise RecursionError
    return "".join(_node(each, left_out, depth + 1) for each in node.get("children") or ())


def _node(node: Node, left_out: list[str], depth: int) -> str:
    """Return a node of Lexical as HTML."""
    kind = str(node.get("type", ""))
    if kind in _CARDS or kind in _NOT_ON_PAGES:
        return _card(kind, node, left_out)
    html, tags = _inner(node, left_out, depth), list[str]()
    if kind in ("text", "extended-text", "code-highlight"):
        html, format_ = escape(str(node.get("text", "")), quote=False), node.get("format")
        tags = [tag for bit, tag in _FORMATS if isinstance(format_, int) and format_ & bit]
    elif kind in ("heading", "extended-heading"):
        tags = [str(node.get("tag")) if node.get("tag") in _HEADINGS else "h2"]
    elif kind == "list":
        tags = ["ol" if node.get("listType") == "number" else "ul"]
    elif kind in _BLOCKS:
        tags = [_BLOCKS[kind]]
    elif kind in ("link", "autolink", "at-link"):
        html = _link(str(node.get("url") or ""), html)
    elif kind in ("linebreak", "tab"):
        html = "<br>" if kind == "linebreak" else " "
    elif not html and kind not in _EMPTY:
        left_out.append(f"{kind!r} was left out (copy its text)")
    return "".join((*(f"<{tag}>" for tag in tags), html, *(f"</{tag}>" for tag in reversed(tags))))


def html_of_mobiledoc(document: Node, left_out: list[str]) -> str:
    """Return a document of Mobiledoc 0.3 as HTML: https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md."""
    markups, atoms, cards = (document.get(each) or [] for each in ("markups", "atoms", "cards"))

    def text(markers: Iterable[Any]) -> str:
        html, opened = "", list[str]()
        for is_atom, opening, closed, value in markers:
            for markup in opening:
                name, attributes = markups[markup][0], (markups[markup][1:] or [[]])[0]
                pairs = dict(zip(attributes[::2], attributes[1::2], strict=False))
                html += f'<a href="{escape(str(pairs["href"]))}">' if "href" in pairs else f"<{escape(name)}>"
                opened.append(escape(name))
            if is_atom:
                name, shown = atoms[value][:2]
                html += "<br>" if name == "soft-return" else escape(str(shown))
            else:
                html += escape(str(value), quote=False)
            for _ in range(closed):
                html += f"</{opened.pop()}>"
        return html

    parts: list[str] = []
    for kind, *section in document["sections"]:
        if kind == 10:
            name, fields = cards[section[0]]
            parts.append(_card(name, fields, left_out))
        elif kind == 2:
            parts.append(_picture({"src": section[0]}))
        elif kind == 3:
            tag = "ol" if section[0] == "ol" else "ul"
            parts.append(f"<{tag}>{''.join(f'<li>{text(item)}</li>' for item in section[1])}</{tag}>")
        else:
            tag = {"aside": "blockquote", "pull-quote": "blockquote"}.get(section[0], escape(str(section[0])))
            parts.append(f"<{tag}>{text(section[1])}</{tag}>")
    return "".join(parts)


def _card(kind: str, fields: Node, left_out: list[str]) -> str:
    if not _is_for_everybody(fields.get("visibility")):
        left_out.append(f"{kind!r} was left out, since it is not for everybody (paste it, if everybody may read it)")
        return ""
    if kind in _CARDS:
        return _CARDS[kind](fields)
    why = f", since {_NOT_ON_PAGES[kind]}" if kind in _NOT_ON_PAGES else ""
    left_out.append(f"{kind!r} was left out{why} (copy its text)")
    return ""


def _is_for_everybody(visibility: Any) -> bool:
    """Return whether visitors of the site see a card. Without a statement they do; one of another form says no.

    Ghost migrates the older statement `showOnWeb` when it opens a post: https://github.com/TryGhost/Koenig.
    """
    if visibility in (None, "", "public", "all"):
        return True
    if not isinstance(visibility, Mapping):
        return False
    web = visibility.get("web")
    said = web.get("nonMember") if isinstance(web, Mapping) else visibility.get("showOnWeb")
    return said is True or not visibility


def _call_to_action(fields: Node) -> str:
    image, label = _said(fields, "imageUrl"), _said(fields, "sponsorLabel")
    button = _link(_said(fields, "buttonUrl"), escape(_said(fields, "buttonText"))) if fields.get("showButton") else ""
    return (
        (label if fields.get("hasSponsorLabel") else "")
        + (_image({"src": image}) if image else "")
        + _said(fields, "textValue")
        + (f"<p>{button}</p>" if button else "")
    )


def _said(fields: Node, *names: str) -> str:
    """Return the first of these fields that has text. Those of captions are HTML."""
    return next((value for name in names if isinstance(value := fields.get(name), str) and value.strip()), "")


def _link(url: str, html: str) -> str:
    return f'<a href="{escape(url)}">{html}</a>' if url else html


def _figure(html: str, fields: Node) -> str:
    caption = _said(fields, "caption")
    return f"<figure>{html}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>"


def _image(fields: Node) -> str:
    image = f'<img src="{escape(_said(fields, "src"))}" alt="{escape(_said(fields, "alt"))}">'
    return _link(_said(fields, "href"), image)


def _picture(fields: Node) -> str:
    return _figure(_image(fields), fields)


def _code(fields: Node) -> str:
    language = _said(fields, "language")
    name = f' class="language-{escape(language)}"' if language else ""
    code = f"<pre><code{name}>{escape(_said(fields, 'code'), quote=False)}</code></pre>"
    return _figure(code, fields) if _said(fields, "caption") else code


def _bookmark(fields: Node) -> str:
    about = fields.get("metadata") if isinstance(fields.get("metadata"), dict) else {}
    url = _said(fields, "url") or _said(about or {}, "url")
    title = escape(_said(about or {}, "title") or url)
    description = escape(_said(about or {}, "description"))
    return f"<p>{_link(url, title)}</p>" + (f"<p>{description}</p>" if description else "")


def _embed(fields: Node) -> str:
    return _figure(_said(fields, "html") or _link(_said(fields, "url"), escape(_said(fields, "url"))), fields)


def _file(fields: Node) -> str:
    name = _said(fields, "fileTitle", "title", "fileName") or _said(fields, "src")
    return f"<p>{_link(_said(fields, 'src'), escape(name))}</p>"


def _product(fields: Node) -> str:
    image, title = _said(fields, "productImageSrc"), _said(fields, "productTitle")
    link = _link(_said(fields, "productUrl"), escape(_said(fields, "productButton")))
    return (
        (_image({"src": image}) if image else "")
        + (f"<h3>{title}</h3>" if title else "")
        + _said(fields, "productDescription")
        + (f"<p>{link}</p>" if link else "")
    )


def _markdown(fields: Node) -> str:
    return READERS[".md"](_said(fields, "markdown"))


_CARDS: Final[Mapping[str, Callable[[Node], str]]] = {
    "audio": lambda fields: f'<audio src="{escape(_said(fields, "src"))}" controls></audio>',
    "bookmark": _bookmark,
    "button": lambda fields: f"<p>{_link(_said(fields, 'buttonUrl'), escape(_said(fields, 'buttonText')))}</p>",
    "call-to-action": _call_to_action,
    "callout": lambda fields: (
        f"<blockquote><p>{escape(_said(fields, 'calloutEmoji'))} {_said(fields, 'calloutText')}</p></blockquote>"
    ),
    "card-markdown": _markdown,
    "code": _code,
    "codeblock": _code,
    "embed": _embed,
    "file": _file,
    "gallery": lambda fields: _figure("".join(map(_image, fields.get("images") or ())), fields),
    "header": lambda fields: f"<h2>{_said(fields, 'header')}</h2><p>{_said(fields, 'subheader')}</p>",
    "horizontalrule": lambda _fields: "<hr>",
    "hr": lambda _fields: "<hr>",
    "html": lambda fields: _said(fields, "html"),
    "image": _picture,
    "markdown": _markdown,
    "paywall": lambda _fields: _MEMBERS_ONLY,
    "product": _product,
    "toggle": lambda fields: f"<h3>{_said(fields, 'heading')}</h3>{_said(fields, 'content')}",
    "video": lambda fields: _figure(f'<video src="{escape(_said(fields, "src"))}" controls></video>', fields),
}
