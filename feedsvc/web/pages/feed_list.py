"""/feeds: a page with every feed of the publication, as the OPML list has them."""

from flask_babel import gettext

from feedsvc import languages
from feedsvc.documents.document import Rendered
from feedsvc.documents.opml import parts_in_languages
from feedsvc.slices.grammar import slices
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.web.pages.page import PageContext, render


def render_feed_list(snapshot: Snapshot, page: PageContext) -> Rendered:
    """Return the page of the feed of all articles and of each topic, and of each language where they have several."""
    ranges = languages.distinguishable(snapshot.slices.languages())
    found = []
    for each in slices(page.site):
        parts = parts_in_languages(snapshot, each, ranges)
        topic = page.site.topic(each.topic) if each.topic else None
        # The page is about this publication: a topic's feed has the name of the topic alone.
        name = topic.title if topic else page.site.title
        found.append((name, page.feed(each), [(part.languages[0], page.feed(part)) for part in parts]))
    return render(
        page,
        "feeds.html",
        own=page.base.feeds,
        last_modified=snapshot.slices.last_change_of_lists(Slice()),
        title=gettext("All feeds"),
        description=gettext("Give the address of one to a feed reader, and new articles come to you by themselves."),
        every_feed=found,
        feeds=[page.feed(Slice())],
    )
