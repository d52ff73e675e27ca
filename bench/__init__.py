"""How fast feedsvc is, beside its rivals in the same run. `make bench` runs it all."""
