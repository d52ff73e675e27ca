"""Read a file as an `Article`. Pure: bytes in, values out; no disk, no clock."""
