"""Text, saved pages, feeds and exports become articles in content/: `feedsvc import` and `feedsvc classify`."""
