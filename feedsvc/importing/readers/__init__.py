"""Read files: each reader makes drafts from one kind of file."""
