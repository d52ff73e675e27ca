"""A rival: Pelican with its default settings, a feed of everything and one for each category."""

SITENAME = "Bench Weekly"
SITEURL = "https://bench.example"
TIMEZONE = "Asia/Taipei"
DEFAULT_LANG = "zh"
FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
FEED_MAX_ITEMS = 50
DEFAULT_PAGINATION = 30
