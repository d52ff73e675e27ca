"""feedsvc publishes articles from files in content/ as feeds and pages."""

__version__ = "0.2.0"
