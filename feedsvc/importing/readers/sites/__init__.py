"""The sites that files come from: what their settings and folders say about the files in them."""
