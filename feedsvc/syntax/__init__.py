"""Common mistakes in YAML and TOML that people write by hand, and what to write instead."""
