"""A rival: Flask and feedgen, which render the feed at each request."""

import json
import os

from feedgen.feed import FeedGenerator
from flask import Flask, Response, request

with open(os.environ["BENCH_DATA"]) as file:
    ENTRIES = json.load(file)

app = Flask(__name__)


@app.get("/feed.atom")
def feed() -> Response:
    """Return the feed, with an ETag of the body and 304 for conditional requests."""
    made = FeedGenerator()
    made.id("tag:bench.example,2026:feeds/all")
    made.title("Bench Weekly")
    made.link(href="https://bench.example/")
    for item in ENTRIES:
        entry = made.add_entry(order="append")
        entry.id(item["id"])
        entry.title(item["title"])
        entry.link(href=item["url"])
        entry.content(item["content"], type="html")
        entry.published(item["published"])
        entry.updated(item["updated"])
        entry.category([{"term": each} for each in item["categories"]])
    response = Response(made.atom_str(), content_type="application/atom+xml")
    response.add_etag()
    return response.make_conditional(request)
