"""The benchmark: feedsvc and its rivals, measured in the same run. `make bench` runs all parts."""
