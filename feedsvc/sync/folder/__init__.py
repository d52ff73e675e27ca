"""The content folder on disk: its files, their stamps, and the detection of changes."""
