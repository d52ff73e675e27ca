"""Readers of feeds and of exports that are feeds: RSS, Atom, JSON Feed, WordPress, Blogger. Pure."""
