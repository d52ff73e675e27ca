"""A whole cluster on this machine: nodes, writers, PostgreSQL with a standby, nginx, pollers, and faults."""
