"""Everything that only SQLite has: connections, search, deadlines, the commit signal."""
