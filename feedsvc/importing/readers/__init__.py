"""Readers: a foreign file becomes drafts."""
