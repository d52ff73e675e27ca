"""Mistakes in YAML and TOML are named with what to write instead."""
