"""/media/…: the files of articles, under names that are their content."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Any, Final, cast

from flask import Blueprint, Response, request, send_file
from werkzeug.exceptions import PreconditionFailed
from werkzeug.wsgi import FileWrapper

from feedsvc import routes
from feedsvc.errors import StorageUnavailable, StoreUnavailable, UnknownResource
from feedsvc.media.content_disposition import content_disposition
from feedsvc.media.objects import MediaObject
from feedsvc.media.storage import IMMUTABLE
from feedsvc.store import MediaFile
from feedsvc.store.facets import article_facet
from feedsvc.terminal import RepeatedProblems, logger
from feedsvc.web.context import context
from feedsvc.web.render_limiter import Cost
from feedsvc.web.responses import not_later_than_now

blueprint = Blueprint("media", __name__)
log = logger("feedsvc.media")

# An SVG or PDF opened by itself is a page of our origin: it may draw, and nothing else.
SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_RANGE: Final = re.compile(r"bytes=(?:\d{1,18}-\d{0,18}|-(?P<last>\d{1,18}))")
# What is no longer is sent in one piece, as feeds are: the server keeps it, and no thread, until the client has it.
ONE_PIECE: Final = 256 * 1024
# The rest is read in pieces, of which the server keeps four.
PIECE: Final = 64 * 1024
_PROBLEMS: Final = RepeatedProblems()


@blueprint.get(routes.MEDIA.rule)
def media(name: str) -> Response:
    """A file that an article uses, with ranges (RFC 9110 §14): players ask for them.

    Raises UnknownResource, StoreUnavailable, and TooBusy where as many large files are sent as may be.
    """
    with context().store.read() as snapshot:
        found = snapshot.media.public_file(name)
    if found is None:
        raise UnknownResource(f"no file {name[:80]!r} (the article that used it may be gone)")
    body = context().media.open(found.name, found.length)
    accel = context().settings.accel
    if accel is not None:
        return _sent_by_proxy(found, accel)
    # RFC 9110 §14.2 has other methods and units ignored, and the last n of fewer bytes is all; werkzeug answers 416.
    part = _RANGE.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    if part is None or int(part["last"] or 0) >= found.length:
        request.environ.pop("HTTP_RANGE", None)
    response = _sent_from_folder(body, found) if isinstance(body, Path) else _sent_from_objects(body, found)
    response.headers.update(_headers(found))
    if request.method == "GET" and response.status_code in (200, 206):
        _limit(response)
    return response


def _sent_from_folder(path: Path, found: MediaFile) -> Response:
    """Return the response with a file of the media folder."""
    # Larger pieces than those of werkzeug: each costs a turn at Python's global lock.
    request.environ["wsgi.file_wrapper"] = lambda file, _size: FileWrapper(file, PIECE)
    try:
        return send_file(
            path,
            mimetype=found.type,
            conditional=True,
            etag=found.digest.hex(),
            last_modified=not_later_than_now(found.at),
        )
    except OSError as error:
        raise StoreUnavailable(f"{found.name}: {error.strerror} (make the media folder readable)") from error


def _sent_from_objects(stream: MediaObject, found: MediaFile) -> Response:
    """Return the response with a file in object storage. What is sent first is read now, so that its lack is a 503."""
    with ExitStack() as stack:
        stack.callback(stream.close)
        response = Response(FileWrapper(cast(IO[bytes], stream), PIECE), mimetype=found.type, direct_passthrough=True)
        response.content_length = found.length
        response.set_etag(found.digest.hex())
        response.last_modified = not_later_than_now(found.at)
        response.make_conditional(request.environ, accept_ranges=True, complete_length=found.length)
        if request.method == "GET" and response.status_code in (200, 206):
            part = response.content_range
            start, stop = (part.start or 0, part.stop or 0) if response.status_code == 206 else (0, found.length)
            stop = min(stop, start + ONE_PIECE)
            if not stream.is_local(start, stop):
                # Another machine may be slow. Downloads have places of their own, and other requests have the thread.
                with context().limiter.place(Cost.DOWNLOAD), context().limiter.idle():
                    stream.fetch(start, stop)
        response.call_on_close(stack.pop_all().close)
    return response


def _headers(found: MediaFile) -> dict[str, str]:
    """Return the header fields of a media file's responses."""
    return {
        "Cache-Control": IMMUTABLE,
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": content_disposition(found.filename, found.name),
        # The bytes never change, but the file goes with the last of its articles.
        **context().surrogate_keys.fields(set(map(article_facet, found.used_by))),
    }


def _limit(response: Response) -> None:
    """Put a small body in one piece; for a large one take a place until it is sent. Raises TooBusy."""
    # A FileWrapper, or what takes a range of one.
    pieces: Any = response.response
    if (response.content_length or 0) <= ONE_PIECE:
        response.direct_passthrough = False
        with closing(pieces):
            response.set_data(b"".join(pieces))
        return
    with ExitStack() as stack:
        stack.callback(pieces.close)
        stack.enter_context(context().limiter.place(Cost.DOWNLOAD))
        # From here on the answer has them, and gives them back when it is closed.
        response.call_on_close(stack.pop_all().close)
    # Else werkzeug would hand out the pieces without what closes them.
    response.direct_passthrough = False
    response.response = _until_stalled(pieces, context().settings.write_seconds)


def _until_stalled(
    pieces: Iterable[bytes], seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Yield `pieces` as long as the client takes each within `seconds`; 0 means that there is no limit.

    The server ends the connection of a body that is shorter than its Content-Length.
    """
    try:
        for piece in pieces:
            given = clock()
            yield piece
            if seconds and clock() - given > seconds:
                return
    except StorageUnavailable as error:
        if (times := _PROBLEMS.due(str(error))) is not None:
            log.warning("a download ends early: %s%s", error, times)


def _sent_by_proxy(found: MediaFile, location: str) -> Response:
    """Return an answer that tells nginx to send the file itself, with ranges, from its internal `location`.

    The conditions are looked at here: nginx knows neither this ETag nor this date.
    """
    response = Response(mimetype=found.type)
    response.headers.update(_headers(found))
    response.set_etag(found.digest.hex())
    response.last_modified = not_later_than_now(found.at)
    response.make_conditional(request)
    if response.status_code == PreconditionFailed.code:
        raise PreconditionFailed("it is another file (fetch it without If-Match or If-Unmodified-Since)")
    if response.status_code == 200:
        response.headers["X-Accel-Redirect"] = f"{location}{found.name}"
    return response
