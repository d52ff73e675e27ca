"""Raw text, saved pages, feeds and WordPress exports become articles in content/: `feedsvc import` and `classify`."""
