"""Make articles in content/ from text, saved pages, feeds and exports: `feedsvc import` and `feedsvc classify`."""
