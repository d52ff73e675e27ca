"""Measure the memory of reading feeds: `python -m bench.import_memory [ENTRIES…]`, 2,000 and 20,000 if none is named.

Drafts are made of RSS and of a WordPress export of that many entries, each in a process of its own. Its highest
resident memory is printed in MB, with the size of the file.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CONTENT: Final = Path(__file__).parents[1] / "content"
# The kernel's own figure: that of getrusage would be the one of the process that starts this one, if it is larger.
_PEAK: Final = "VmHWM:"
_PROGRAM: Final = f"""
import sys
from pathlib import Path
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.readers.feeds import xml, xml_feed
from feedsvc.importing.settings import load_settings
settings = load_settings(Path(sys.argv[2]), "https://example.org", "http://127.0.0.1:8000")
data = Path(sys.argv[1]).read_bytes()
found = read_drafts("feed.xml", data, settings) if sys.argv[3] == "drafts" else xml.parse(data).items(sys.argv[3])
read = sum(1 for _ in found)
print(read, Path("/proc/self/status").read_text().split("{_PEAK}")[1].split()[0])
"""
_TEXT: Final = (
    "The wafer plant opened on Tuesday, and the first chips left it in the evening. 晶圓廠在週二開幕，晚上出了晶片。"
)


def feed_of(entries: int, *, is_atom: bool = False) -> Iterator[str]:
    """Yield the parts of an RSS or Atom feed with that many entries of about 1 KB."""
    text = f"&lt;p&gt;{_TEXT * 5}&lt;/p&gt;"
    head = '<feed xmlns="http://www.w3.org/2005/Atom">' if is_atom else '<rss version="2.0"><channel>'
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{head}<title>News</title>'
    for number in range(entries):
        address = f"https://news.example/{number}"
        if is_atom:
            yield (
                f'<entry><id>{address}</id><title>Entry {number}</title><link href="{address}"/>'
                f'<updated>2026-02-10T09:00:00Z</updated><content type="html">{text}</content></entry>\n'
            )
        else:
            yield (
                f"<item><title>Entry {number}</title><link>{address}</link><guid>{address}</guid>"
                f"<pubDate>Tue, 10 Feb 2026 09:00:00 GMT</pubDate><description>{text}</description></item>\n"
            )
    yield "</feed>" if is_atom else "</channel></rss>"


def export_of(entries: int, status: str = "publish") -> Iterator[str]:
    """Yield the parts of a WordPress export with that many posts of about 1 KB in a status."""
    text = f"<p>{_TEXT * 5}</p>"
    yield (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>'
        "<wp:wxr_version>1.2</wp:wxr_version><link>https://news.example</link>"
    )
    for number in range(entries):
        yield (
            f"<item><title>Entry {number}</title><link>https://news.example/{number}</link>"
            f"<content:encoded><![CDATA[{text}]]></content:encoded><wp:post_id>{number}</wp:post_id>"
            f"<wp:post_type>post</wp:post_type><wp:status>{status}</wp:status>"
            "<wp:post_date_gmt>2026-02-10 09:00:00</wp:post_date_gmt></item>\n"
        )
    yield "</channel></rss>"


def peak(path: Path, what: str = "drafts") -> tuple[int, int]:
    """Read a feed in a process of its own: its drafts, or if `what` is the name of its elements, these alone.

    Return how many there are, and the highest memory in bytes.
    """
    words = [sys.executable, "-c", _PROGRAM, str(path), str(CONTENT), what]
    read, kilobytes = subprocess.check_output(words, text=True).split()
    return int(read), int(kilobytes) * 1024


def main() -> None:
    """Print a line for each format and number of entries."""
    for entries in map(int, sys.argv[1:] or ("2000", "20000")):
        for name, parts in (("RSS", feed_of(entries)), ("WordPress", export_of(entries))):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "feed.xml")
                path.write_text("".join(parts), "utf-8")
                read, highest = peak(path)
                size = path.stat().st_size
            print(f"{name}, {read:,} entries, {size / 1e6:.1f} MB: {highest / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
