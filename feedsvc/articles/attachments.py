"""The image and the enclosures of an article, and the files that its text shows. Pure."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from html import unescape
from typing import Final

from feedsvc.articles.assets import (
    Asset,
    Assets,
    LinkOutside,
    Unusable,
    decoded,
    file_name,
    guess_media_type,
    unserved_kind,
)
from feedsvc.articles.findings import Findings
from feedsvc.articles.html.data_pictures import data_picture, is_data_url
from feedsvc.articles.limits import MAX_ENCLOSURES
from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.model import Article, Enclosure, Image
from feedsvc.text import nfc
from feedsvc.urls import FETCH_SCHEMES, LINK_SCHEMES, Addresses, resolve

# Schemes without a warning: feeds may link to them, or (about:blank) they show nothing anywhere.
_READABLE: Final = frozenset({"about", *LINK_SCHEMES})
_SCHEME: Final = re.compile(r"\s*([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_UNREADABLE: Final = f"feeds link to {', '.join(LINK_SCHEMES)} alone (write such an address, or the text)"


def _source(value: Value) -> str:
    """Return a file name, a web address or a data: URL. A data: URL may be as long as a picture."""
    return value if isinstance(value, str) and is_data_url(value) else fields.required_text(value)


_IMAGE: Final[Mapping[str, Callable[[Value], str]]] = {"src": _source, "alt": fields.text, "caption": fields.text}
_ENCLOSURE: Final[Mapping[str, Callable[[Value], str]]] = {
    "url": fields.required_text,
    "file": fields.required_text,
    "type": fields.media_type,
    "length": fields.length,
    "title": fields.text,
}
_NOT_SERVED: Final = "{} files are not served (put it into a .zip, or link to it at another web address)"


class Attachments:
    """The references of one article: to files beside it, which it may use, and to web addresses."""

    def __init__(self, assets: Assets, addresses: Addresses, findings: Findings) -> None:
        self._assets, self._addresses, self._findings = assets, addresses, findings

    def image(self, value: Value) -> Image:
        """Read the `image` field: a file, a URL or a data: URL, or a table with src, alt and caption.

        Raises ValueError.
        """
        table = {"src": _source(value)} if isinstance(value, str) else fields.table_of(value, _IMAGE)
        if "src" not in table:
            raise ValueError("an image needs a file or web address (write {src: …, alt: …})")
        asset: Asset | None
        if is_data_url(table["src"]):
            try:
                picture = self._assets.embedded(*data_picture(table["src"]))
            except ValueError as error:
                message = f"a data: address is no picture: it {error} (name a file beside the article)"
                raise ValueError(message) from error
            url, asset = self._addresses.media(picture.name), picture
        else:
            url, asset = self._file_or_url(table["src"])
        return Image(
            url=url,
            alt=table.get("alt", ""),
            caption=table.get("caption", ""),
            type=asset.type if asset else guess_media_type(url),
            length=asset.length if asset else None,
        )

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        """Read the `enclosure` field: one or a list of files, URLs, or tables with url or file. Raises ValueError."""
        items = value if isinstance(value, list) else [value]
        if len(items) > MAX_ENCLOSURES:
            raise ValueError(f"names more than {MAX_ENCLOSURES} files (link some of them in the text)")
        return tuple(self._enclosure(each) for each in items if each != "")

    def _enclosure(self, value: Value) -> Enclosure:
        table = {"url": fields.required_text(value)} if isinstance(value, str) else fields.table_of(value, _ENCLOSURE)
        reference = table.get("file") or table.get("url")
        if reference is None:
            raise ValueError("an enclosure needs a file or web address (write {file: …} or {url: …})")
        url, asset = self._file_or_url(reference)
        title = table.get("title") or (file_name(reference) if asset else "")
        if asset is not None:
            # The measured values count: a feed reader that gets another type shows no player, or a wrong one.
            for key, measured in (("type", asset.type), ("length", str(asset.length))):
                if table.get(key, measured) != measured:
                    said = f"says that the {key} of {decoded(reference)!r} is {table[key]}, but it is {measured}"
                    self._findings.warn("enclosure", f"{said} (remove {key}: that of the file itself is used)")
            return Enclosure(url=url, type=asset.type, length=asset.length, title=title)
        type_ = table.get("type") or guess_media_type(url)
        if type_ is None:
            raise ValueError(f"the type of {url} is not known (add type: audio/mpeg, …)")
        return Enclosure(url=url, type=type_, length=int(table.get("length", "0")), title=title)

    def complete(self, named: Iterable[Enclosure], shown: Collection[Enclosure]) -> tuple[Enclosure, ...]:
        """Return the files of the field `enclosure`, then those that the text plays, each once and measured.

        If the text plays a file of the field, the field counts. Warns of files whose length is not known.
        """
        found = {each.url: each for each in named}
        played = {each.url for each in shown} - found.keys()
        for each in shown:
            asset = self._assets.used.get(each.url.removeprefix(self._addresses.media("")))
            measured = replace(each, type=asset.type, length=asset.length) if asset else each
            found.setdefault(each.url, measured)
        for each in found.values():
            if each.length == 0 and not each.url.startswith(self._addresses.home):
                cure = f"write enclosure: {{url: {each.url}, type: {each.type}, length: …}}, as Content-Length says it"
                # The field's own line, unless the text plays the file.
                line = self._findings.line_of(each.url) if each.url in played else 0
                self._findings.warn("enclosure", f"the length of {each.url} in bytes is not known ({cure})", line)
        return tuple(found.values())

    def _file_or_url(self, reference: str) -> tuple[str, Asset | None]:
        asset = self._assets.at(reference)
        if asset is not None:
            self._warn_of_normalizations(reference)
            return self._addresses.media(asset.name), asset
        url = resolve(reference, self._addresses.home if reference.startswith("/") else "invalid:", FETCH_SCHEMES)
        if url is None:
            if kind := unserved_kind(self._assets.path_of(reference) or ""):
                raise ValueError(f"{decoded(reference)!r} cannot be attached: {_NOT_SERVED.format(kind)}")
            cure = self._instead_of(reference, "check the name, or write https://…")
            raise ValueError(f"{decoded(reference)!r} is neither a file beside the article nor a web address ({cure})")
        return url, None

    def _instead_of(self, reference: str, otherwise: str) -> str:
        close = self._assets.nearest(reference)
        return f"did you mean {close!r}?" if close else otherwise

    def place(self, reference: str) -> str | None:
        """Return the public URL of the file that a reference in the text means; None leaves the reference as it is."""
        if is_data_url(reference):
            return self._embedded(reference)
        scheme = _SCHEME.match(reference)
        if scheme and scheme[1].lower() not in _READABLE:
            self._findings.warn_of(reference, f"the address {reference[:80]!r} is left out: {_UNREADABLE}")
            return None
        try:
            asset = self._assets.at(reference)
        except Unusable as error:
            self._findings.error_of(reference, str(error))
            return None
        except LinkOutside as error:
            self._findings.error_of(decoded(reference), str(error))
            return None
        if asset is not None:
            self._warn_of_normalizations(reference)
            return self._addresses.media(asset.name)
        path = self._assets.path_of(reference)
        if path is not None and posixpath.splitext(path)[1]:
            self._warn_of(reference)
        return None

    def _embedded(self, reference: str) -> str | None:
        """Return the public URL of a picture that is in the text itself."""
        try:
            asset = self._assets.embedded(*data_picture(reference))
        except ValueError as error:
            self._findings.warn_of(
                reference, f"a data: address is left out: it {error} (save it as a file beside the article)"
            )
            return None
        return self._addresses.media(asset.name)

    def check_pictures(self, content: str) -> None:
        """Warn of pictures whose address is one of our pages: `place` takes a name without a suffix for a link."""
        pages = self._addresses.article("")
        if f'src="{pages}' not in content:
            return
        for rest in re.findall(rf'<img [^<>]*?src="{re.escape(pages)}([^"]*)"', content):
            if not posixpath.splitext(rest)[1]:
                self._warn_of(unescape(rest))

    def check_caption(self, article: Article) -> None:
        """Warn of a caption that nothing shows."""
        if article.image and article.image.caption and not article.lead_image:
            cure = "write it as the title of the picture in the text, and remove it here"
            self._findings.warn("image", f"the caption is not shown, since the text shows the picture itself ({cure})")

    def _warn_of(self, reference: str) -> None:
        if kind := unserved_kind(self._assets.path_of(reference) or ""):
            message = f"{decoded(reference)!r} has no target: {_NOT_SERVED.format(kind)}"
            self._findings.warn("", message, self._findings.line_of(reference))
            return
        cure = self._instead_of(reference, "check its name")
        message = f"no file {decoded(reference)!r} beside the article that can be served ({cure})"
        self._findings.warn("", message, self._findings.line_of(reference))

    def _warn_of_normalizations(self, reference: str) -> None:
        if self._assets.has_other_normalization(reference):
            name = posixpath.basename(nfc(decoded(reference)))
            message = f"two files are called {name!r} and differ in Unicode normalization only (delete or rename one)"
            self._findings.warn("", message, self._findings.line_of(reference))
