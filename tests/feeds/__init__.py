"""Tests of feeds: the bytes of documents, their parsed content, schemas, and faults of feedgen."""
