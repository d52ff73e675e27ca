"""What the web side has of the hub: its address, and its metrics."""
