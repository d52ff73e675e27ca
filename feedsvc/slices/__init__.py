"""Slices: the value, its URL grammar, cursors, periods, search terms and titles. Pure."""
