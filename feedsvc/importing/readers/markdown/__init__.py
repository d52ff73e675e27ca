"""Readers of Markdown files, and what is special to the systems that make them."""
