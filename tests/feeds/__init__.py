"""The documents: bytes, what readers find in them, schemas, and the traps of feedgen."""
