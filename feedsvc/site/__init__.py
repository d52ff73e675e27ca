"""site.toml, read and checked: the `Site`."""
