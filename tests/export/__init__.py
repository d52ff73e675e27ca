"""`feedsvc export` and what it writes."""
