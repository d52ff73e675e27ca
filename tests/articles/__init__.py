"""The room where a file becomes an Article."""
