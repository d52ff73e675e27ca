"""The first files of a new publication, as `feedsvc init` writes them."""
