"""feedsvc: files in content/ become articles, articles become feeds."""

__version__ = "0.2.0"
