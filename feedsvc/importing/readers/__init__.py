"""Readers: each makes drafts of one kind of file."""
