"""The page of a feed: how to subscribe, in which reader, and what is in it."""
