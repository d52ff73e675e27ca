"""Read feeds and exports that are feeds: RSS, Atom, JSON Feed, WordPress, Blogger. Pure."""
