"""Whether a store is that of this publication, live or as a preview, and the beginning of a new one in its place."""
