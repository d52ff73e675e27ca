"""The body of a file as it is written, before it is HTML: what is code, what is private, what means nothing. Pure."""
