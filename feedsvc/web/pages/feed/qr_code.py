"""QR codes of URLs, as SVG in a page (ISO/IEC 18004). Pure."""

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=64)
def qr_code(url: str) -> Markup | None:
    """Return the QR code of a URL as an <svg> element without a size; None for a URL that is too long for one.

    It is black on white in every colour scheme: some cameras do not read light on dark. It recovers from the loss of
    15 % of its modules (error correction level M).
    """
    try:
        code = segno.make_qr(url, error="m", boost_error=False)
    except segno.DataOverflowError:
        return None
    # segno escapes nothing here, because nothing that users wrote is in the markup: modules are drawn as a path.
    return Markup(code.svg_inline(border=3, omitsize=True, dark="#000", light="#fff"))  # noqa: S704
