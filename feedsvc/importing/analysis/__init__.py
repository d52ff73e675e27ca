"""Analyse a text: its language, topics, names, datelines and boilerplate."""
