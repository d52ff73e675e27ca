"""Contact sheets: the pictures of one page in all its variants, side by side in one PNG, and a page with all sheets."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

# A picture that is taller is cut: so many pixels of its beginning and of its end are on a sheet.
BEGINNING: Final = 1700
END: Final = 500
_CUT: Final = 36
_GAP: Final = 20
_LABEL: Final = 26
_GROUND: Final = (120, 120, 120)
# The pictures in a row of a sheet, and their scale.
LAYOUT: Final = {"phone": (4, 1.0), "desktop": (2, 0.7)}


def shortened(picture: Image.Image) -> Image.Image:
    """Return a picture without its middle where it is too tall for a sheet; a stripe shows where that was."""
    if picture.height <= BEGINNING + _CUT + END:
        return picture
    short = Image.new("RGB", (picture.width, BEGINNING + _CUT + END), _GROUND)
    short.paste(picture.crop((0, 0, picture.width, BEGINNING)), (0, 0))
    short.paste(picture.crop((0, picture.height - END, picture.width, picture.height)), (0, BEGINNING + _CUT))
    return short


def write_sheet(file: Path, shots: Mapping[str, Path], columns: int, scale: float) -> None:
    """Write the pictures of `shots` into one PNG, with their names above, in rows of `columns`."""
    tiles = []
    for name, shot in shots.items():
        with Image.open(shot) as opened:
            tile = shortened(opened.convert("RGB"))
        tiles.append((name, tile.resize((int(tile.width * scale), int(tile.height * scale)), Image.Resampling.LANCZOS)))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    width = max(sum(tile.width + _GAP for _, tile in row) for row in rows) + _GAP
    heights = [max(tile.height for _, tile in row) + _LABEL + _GAP for row in rows]
    sheet = Image.new("RGB", (width, sum(heights) + _GAP), _GROUND)
    draw, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(18), _GAP
    for row, height in zip(rows, heights, strict=True):
        left = _GAP
        for name, tile in row:
            draw.text((left, top), name, fill="white", font=font)
            sheet.paste(tile, (left, top + _LABEL))
            left += tile.width + _GAP
        top += height
    sheet.save(file)


def write_index(folder: Path, sheets: Iterable[Path]) -> None:
    """Write `index.html`, which shows all sheets below each other."""
    shown: Sequence[str] = [
        f'<h2>{escape(each.stem)}</h2><img src="{escape(each.name)}" alt="" loading="lazy" style="max-width: 100%">'
        for each in sorted(sheets)
    ]
    (folder / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>Sheets</title>{''.join(shown)}")
