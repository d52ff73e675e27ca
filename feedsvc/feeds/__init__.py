"""Feeds: articles become documents. Pure: no disk, no clock."""
