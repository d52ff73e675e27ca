"""Names of files with spaces, written raw in Markdown: `![a](my photo.png)`. Pure.

CommonMark knows no link there (§6.3: a destination without angle brackets includes no space), and shows all of it as
text. Other editors do know one, and write it themselves.
"""

import posixpath
import re
from html import escape, unescape
from typing import Final
from urllib.parse import quote

from feedsvc.articles.assets import is_article_path, media_type_of
from feedsvc.articles.code_ranges import Pairs

_CODE: Final = Pairs({name: (rf"<{name}\b", f"</{name}>") for name in ("pre", "code")})
# Tags are passed over.
_PIECE: Final = re.compile(r"<[^<>]*+>|(?P<image>!?)\[(?P<text>[^\[\]<>\n]*)\]\((?P<file>[^()<>\n\"]+)\)")


def with_spaced_references(html: str, body: str) -> str:
    """`html`, which Markdown made of `body`, with a picture or link where the name of a file has raw spaces in it.

    Only names with a suffix that files or articles have, and only what no backslash escapes.
    """
    if "](" not in html:
        return html

    def linked(match: re.Match[str]) -> str:
        file = unescape(match["file"] or "").strip()
        path = file.partition("#")[0]
        if " " not in path or posixpath.isabs(path) or not (media_type_of(path) or is_article_path(path)):
            return match[0]
        if unescape(match[0]) not in body or f"\\{unescape(match[0])}" in body:
            return match[0]
        reference = escape(quote(file, safe="/#%:?&=+,;@~!$'*()"))
        if match["image"]:
            return f'<img src="{reference}" alt="{match["text"]}" />'
        return f'<a href="{reference}">{match["text"]}</a>'

    return _CODE.replaced_between(html, lambda text: _PIECE.sub(linked, text))
