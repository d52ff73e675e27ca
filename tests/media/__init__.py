"""Media files in a folder and in object storage."""
