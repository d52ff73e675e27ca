"""Purge responses from a CDN by the surrogate keys of commits, with a command or a URL of the operator's."""
