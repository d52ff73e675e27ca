"""The processes of `feedsvc serve`: the server, its workers and the watcher."""
