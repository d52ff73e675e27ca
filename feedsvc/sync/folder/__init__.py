"""The content folder on disk: its files, their stamps, and how changes are noticed."""
