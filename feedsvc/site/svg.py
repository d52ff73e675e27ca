"""Make a drawing (SVG) safe to serve.

What only its editor reads is removed; a drawing that runs code or loads files is refused.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

_SVG: Final = "{http://www.w3.org/2000/svg}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_ACTIVE: Final = frozenset(
    ("script", "foreignObject", "iframe", "object", "embed", "audio", "video", "canvas", "handler", "listener", "a")
)
_ANIMATIONS: Final = ("animate", "set", "animateMotion", "animateTransform")
_PICTURES: Final = tuple(f"data:image/{each}" for each in ("png;", "jpeg;", "gif;", "webp;", "avif;"))
# The units of CSS in pixels (CSS Values and Units §6.2).
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_PLAIN: Final = "export the drawing as plain SVG"


def sanitized_svg(data: bytes) -> tuple[bytes, float, float]:
    """Return the drawing as it is served, with its width and height in CSS pixels.

    A drawing without a `viewBox` gets one, since a browser would crop it instead of scaling it. Raises ValueError with
    the line and the remedy.
    """
    root = _parsed(data)
    for fault in _faults(root):
        raise ValueError(fault)
    for each in [each for each in root.iter(etree.Element) if not str(each.tag).startswith(_SVG)]:
        _remove(each)
    for each in root.iter(f"{_SVG}metadata"):
        _remove(each)
    for each in root.iter(etree.Element):
        for name in list(each.attrib):
            if str(name).startswith("{") and name != _XLINK and not str(name).startswith(_XML):
                del each.attrib[name]
    width, height = _length(root.get("width")), _length(root.get("height"))
    if not (width and height):
        width, height = ([*map(_length, (root.get("viewBox") or "").replace(",", " ").split())] + [None] * 4)[2:4]
    if not (width and height):
        raise ValueError('has neither width and height nor a viewBox (write <svg viewBox="0 0 120 40" …>)')
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8"), width, height


def _parsed(data: bytes) -> etree._Element:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("is neither a PNG file nor SVG in UTF-8 (save it as PNG or SVG)") from error
    # Entities can make a small file a very large one.
    if "<!ENTITY" in text:
        line = text.count("\n", 0, text.index("<!ENTITY")) + 1
        raise ValueError(f"line {line}: an entity is declared ({_PLAIN})")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is no complete SVG: {error} (export it again)") from error
    if root.tag != f"{_SVG}svg":
        name = str(root.tag).rpartition("}")[2]
        raise ValueError(f'is no SVG but <{name[:40]}> (its first element is <svg xmlns="{_SVG[1:-1]}">)')
    return root


def _faults(root: etree._Element) -> Iterator[str]:
    for each in root.iter(etree.Element):
        tag, line = str(each.tag), f"line {each.sourceline}"
        name = tag.removeprefix(_SVG)
        if name.rpartition("}")[2] in _ACTIVE:
            yield f"{line}: <{name.rpartition('}')[2]}> may run code or lead elsewhere (delete this element)"
        if name == "style" and (why := _css_fault("".join(map(str, each.itertext())))):
            yield f"{line}: <style> {why}"
        for attribute, value in each.attrib.items():
            said = str(attribute).rpartition("}")[2]
            target = str(value).strip().lower()
            if said.lower().startswith("on"):
                yield f"{line}: the attribute {said} runs code (delete it)"
            elif said == "href" and not target.startswith(("#", *_PICTURES)):
                yield f"{line}: {said}={str(value)[:60]!r} leads out of the file (embed what it shows, or delete it)"
            elif said == "attributeName" and name in _ANIMATIONS and target.endswith("href"):
                yield f"{line}: <{name}> changes a link (delete this element)"
            elif said != "href" and (why := _css_fault(str(value), is_style=said == "style")):
                yield f"{line}: the attribute {said} {why}"


def _css_fault(text: str, *, is_style: bool = True) -> str | None:
    """Return what is wrong with the CSS of a drawing; None if it loads nothing."""
    lowered = text.lower()
    for part in lowered.split("url(")[1:]:
        if not part.lstrip(" \t\r\n\f\"'").startswith(("#", *_PICTURES)):
            return f"loads {part[:60]!r} (embed what it shows, or delete it)"
    # An escape could hide one of these words.
    for word in ("@import", "image-set(", "\\") if is_style else ():
        if word in lowered:
            return f"has {word!r} ({_PLAIN})"
    return None


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)


def _length(written: str | None) -> float | None:
    """Return a length in CSS pixels; None for one that is missing, relative or no length."""
    text = (written or "").strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz%")
    try:
        found = float(number) * _PIXELS[text[len(number) :]]
    except (KeyError, ValueError):
        return None
    return found if 0 < found < 1e6 else None
