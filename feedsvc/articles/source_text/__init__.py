"""The source text of a body, before it becomes HTML: find code, private parts and foreign markup. Pure."""
