"""A rival: Django's syndication framework with its middleware for conditional requests and gzip."""

import json
import os
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.wsgi import get_wsgi_application
from django.urls import path
from django.utils.feedgenerator import Atom1Feed

with open(os.environ["BENCH_DATA"]) as file:
    ENTRIES = json.load(file)

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="bench",  # noqa: S106
    USE_TZ=True,
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware", "django.middleware.http.ConditionalGetMiddleware"],
)
django.setup()


class Entries(Feed):
    """The feed, as in Django's documentation."""

    feed_type = Atom1Feed
    title = "Bench Weekly"
    link = "/"
    subtitle = "Bench"

    def items(self) -> list[dict[str, Any]]:
        return ENTRIES

    def item_title(self, item: dict[str, Any]) -> str:
        return item["title"]

    def item_description(self, item: dict[str, Any]) -> str:
        return item["content"]

    def item_link(self, item: dict[str, Any]) -> str:
        return item["url"]

    def item_guid(self, item: dict[str, Any]) -> str:
        return item["id"]

    def item_pubdate(self, item: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(item["published"])

    def item_updateddate(self, item: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(item["updated"])

    def item_categories(self, item: dict[str, Any]) -> list[str]:
        return item["categories"]


urlpatterns = [path("feed.atom", Entries())]
app = get_wsgi_application()
