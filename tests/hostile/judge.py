"""A second opinion on what left `sanitize`: two other parsers, and URLs judged by a rule of their own."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.html import policy

_WRAPPERS: Final = frozenset({"html", "head", "body"})
# Said once more, so that an oversight in the policy is seen as well.
_NEVER: Final = frozenset(
    "script style svg math template noscript iframe frame frameset object embed applet form input button select "
    "textarea base link meta title xmp plaintext listing noembed noframes image audio video".split()
)
_URLS: Final = ("href", "src", "cite")
_SCHEMES: Final = ("http://", "https://", "mailto:")
# URL Standard: C0 controls and spaces around go, tabs and newlines inside go, before the scheme is read.
_AROUND: Final = "".join(map(chr, range(0x21)))
_INSIDE: Final = re.compile("[\t\n\r]")


def faults(content: str) -> list[str]:
    """What is wrong with `content`, one line each; none where it is safe."""
    elements = [*_lexbor(content), *_libxml2(content)]
    return sorted({fault for tag, attributes in elements for fault in _of_element(tag, attributes)})


def _lexbor(content: str) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    parser = LexborHTMLParser(content)
    root = parser.root
    assert root is not None
    for node in root.traverse(include_text=False):
        yield node.tag or "", node.attributes


def _libxml2(content: str) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    for element in lxml_html.document_fromstring(f"<body>{content}</body>").iter():
        # Comments and processing instructions have a function for a tag.
        tag = element.tag if isinstance(element.tag, str) else "a comment"
        yield tag, {str(name): str(value) for name, value in element.attrib.items()}


def _of_element(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    if tag in _WRAPPERS:
        if attributes:
            yield f"<{tag}> with {sorted(attributes)}"
        return
    if tag in _NEVER or tag not in policy.ELEMENTS:
        yield f"<{tag}>"
        return
    for name, value in attributes.items():
        yield from _of_attribute(tag, name, value or "")


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if (tag, name) != ("a", "rel") and (name.startswith("on") or name not in policy.ATTRIBUTES[tag]):
        yield f"<{tag} {name}>"
    if name in _URLS and not _read_by_browser(value).startswith(_SCHEMES):
        yield f"<{tag} {name}={value!r}>"
    if name == "srcset":
        for url in value.split(", "):
            if not _read_by_browser(url).startswith(_SCHEMES[:2]):
                yield f"<{tag} srcset={value!r}>"
    if name == "id" and not value.startswith(policy.ID_PREFIX):
        yield f"<{tag} id={value!r}>"


def _read_by_browser(url: str) -> str:
    return _INSIDE.sub("", url.strip(_AROUND)).lower()
