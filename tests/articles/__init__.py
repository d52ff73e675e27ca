"""Tests of articles: from a file to an Article."""
