"""Analysis: language, topics, names, datelines and boilerplate of a text."""
