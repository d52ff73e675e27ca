"""Counters of polls and subscribers, ids of requests, /metrics and /status."""
