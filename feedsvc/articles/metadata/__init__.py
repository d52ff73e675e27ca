"""What a file says of its article: front matter, its fields, dates, and who may read it. Pure."""
