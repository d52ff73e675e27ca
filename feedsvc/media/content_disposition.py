"""The Content-Disposition of a media file, by the service and in object storage. Pure."""

import re
from typing import Final
from urllib.parse import quote

_SIMPLE: Final = re.compile(r"[A-Za-z0-9_.()+, -]+")


def content_disposition(filename: str, public_name: str) -> str:
    """Return the field with the name that the author gave the file, for people who save it (RFC 6266).

    `filename` is that name, "" if there is none; `public_name` is that of its address. Names that are no simple ASCII
    stand in `filename*` (RFC 8187), beside the name of the address for old clients. Control characters and bidi
    controls, by which a name may pretend another suffix, become underscores.
    """
    own = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in filename) or public_name
    if _SIMPLE.fullmatch(own):
        return f'inline; filename="{own}"'
    return f"inline; filename=\"{public_name}\"; filename*=UTF-8''{quote(own, safe='')}"
