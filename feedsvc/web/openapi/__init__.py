"""The description of what can be asked for: OpenAPI for machines, a page for people."""
