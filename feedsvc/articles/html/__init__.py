"""Turn the body into HTML that all feed readers show alike, and make it safe. Pure."""
