"""Exports of systems that host a publication: Ghost, Substack, Medium."""
