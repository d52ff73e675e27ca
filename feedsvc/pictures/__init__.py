"""Smaller sizes of pictures, made by a program of their own: a decoder may leak, crash, or be fooled."""

from typing import Final

# The media types of the pictures that get smaller sizes. A GIF is small or moves, an SVG has every size, and an AVIF is
# small already.
SHRUNK_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
# The media type and the suffix of the smaller sizes.
MADE_TYPE: Final = "image/webp"
MADE_SUFFIX: Final = ".webp"
# In pixels: a phone, a phone with a sharp display or a tablet, and a column of text on a sharp display.
WIDTHS: Final = (480, 960, 1440)
# A size that is not much smaller than the picture, in width or in bytes, is not made.
MIN_RATIO: Final = 1.25
# A decoded picture has up to 4 bytes a pixel, and a progressive JPEG needs 6.
MAX_PIXELS: Final = 64_000_000
MAX_BYTES: Final = 100 * 1024**2
# The first line that the program writes.
READY: Final = b"ready\n"
