"""Counters of polls and subscribers, /metrics and /status."""
