"""Read what a file declares about its article: front matter, fields, dates, and who may read it. Pure."""
