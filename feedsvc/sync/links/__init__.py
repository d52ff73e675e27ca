"""Links of articles to files and addresses of this publication, and the old addresses that lead to articles."""
