"""Ranges of IP addresses, and sockets with a deadline, for requests to foreign servers."""
