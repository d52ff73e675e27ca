"""Where bytes are kept: files that are whole or not there, and object storage."""
