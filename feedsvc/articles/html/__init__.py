"""The body as HTML: made alike for every reader, then safe. Pure."""
