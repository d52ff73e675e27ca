"""site.toml, read and validated: the `Site`."""
