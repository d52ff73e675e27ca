"""Fixtures of the tests of exports."""

from tests.object_server import object_server

__all__ = ["object_server"]
