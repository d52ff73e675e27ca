"""Pelican as it comes, with a feed of everything and one per category."""

SITENAME = "Bench Weekly"
SITEURL = "https://bench.example"
TIMEZONE = "Asia/Taipei"
DEFAULT_LANG = "zh"
FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
FEED_MAX_ITEMS = 50
DEFAULT_PAGINATION = 30
