"""Read saved web pages: the main text and the metadata."""
