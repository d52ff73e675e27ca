"""Output: a draft becomes a file in content/."""
