"""Responses that are prepared in front of Flask, and the cache of documents behind them."""
