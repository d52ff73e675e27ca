"""Recognise which published article a file contains, by id, name or text, and which files are copies."""
