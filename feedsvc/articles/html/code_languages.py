"""The languages of blocks of code, which cleaned HTML has no attribute for. Pure.

A page highlights code. Feeds carry it plain, and the policy of the sanitizer has no `class`. So the language of a block
is kept beside the content, under a hash of the code: blocks may move or go while HTML is cleaned.
"""

import hashlib
import re
from html import unescape
from typing import Final

_BEGIN: Final = re.compile(r'<code class="lang(?:uage)?-([A-Za-z0-9+#._-]{1,30})(?: [^"<>]*)?">')
_END: Final = "</code>"
# The blocks of one article whose languages are kept.
MAX_BLOCKS: Final = 200


def key_of(code: str) -> str:
    """Return the key of a block of code, which is plain text."""
    return hashlib.sha256(code.strip("\n").encode("utf-8", "surrogatepass")).hexdigest()[:16]


def code_languages(html: str) -> tuple[str, ...]:
    """Return the language of each block of code in HTML that is not cleaned yet, as "key language", sorted."""
    found: dict[str, str] = {}
    position = 0
    while len(found) < MAX_BLOCKS and (begin := _BEGIN.search(html, position)):
        position = html.find(_END, begin.end())
        if position < 0:
            break
        found[key_of(unescape(html[begin.end() : position]))] = begin[1].lower()
    return tuple(f"{key} {language}" for key, language in sorted(found.items()))
