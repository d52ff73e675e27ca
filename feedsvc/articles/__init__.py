"""A file becomes an Article. Pure: bytes in, values out; no disk, no clock."""
