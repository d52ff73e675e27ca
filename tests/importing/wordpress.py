"""Small WordPress exports for tests."""

from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings

HOME = "https://blog.example.net"


def meta(name: str, value: str) -> str:
    """Return an element of post meta."""
    found = f"<wp:meta_key>{name}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value>"
    return f"<wp:postmeta>{found}</wp:postmeta>"


def item(content: str, number: int = 1, kind: str = "post", status: str = "publish", more: str = "") -> str:
    """Return a post, a page or another entry; `more` is further elements of it."""
    return (
        f"<item><title>晶圓的第 {number} 天</title><link>{HOME}/2026/03/day-{number}/</link>"
        f"<dc:creator>lin</dc:creator>"
        f"<guid isPermaLink='false'>{HOME}/?p={number}</guid><content:encoded><![CDATA[{content}]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>"
        f"<wp:post_date_gmt>2026-03-12 01:30:00</wp:post_date_gmt>{more}</item>"
    )


def attachment(
    number: int, file: str, *, parent: int = 0, order: int = 0, status: str = "inherit", more: str = ""
) -> str:
    """Return an uploaded file of the post `parent`; `file` is its path below the uploads."""
    return (
        f"<item><title>{file}</title><wp:post_id>{number}</wp:post_id><wp:post_type>attachment</wp:post_type>"
        f"<wp:status>{status}</wp:status><wp:post_parent>{parent}</wp:post_parent><wp:menu_order>{order}</wp:menu_order>"
        f"<wp:attachment_url>{HOME}/wp-content/uploads/{file}</wp:attachment_url>{more}</item>"
    )


def wxr(*items: str) -> bytes:
    """Return an export with these items."""
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
        f'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>T</title><link>{HOME}</link>'
        f"<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>{HOME}</wp:base_blog_url>{''.join(items)}</channel></rss>"
    ).encode()


def items(settings: ImportSettings, *given: str) -> list[Item]:
    """Return what is read of an export with these items."""
    return list(read_items("x.xml", wxr(*given), settings))


def post(settings: ImportSettings, content: str, *others: str, more: str = "") -> Draft:
    """Return the post with that text and number 1, in an export with other items."""
    first = items(settings, item(content, more=more), *others)[0]
    assert isinstance(first, Draft)
    return first
