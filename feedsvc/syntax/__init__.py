"""The syntax of YAML, TOML and JSON: common mistakes and what to write instead, and limits on nesting."""
