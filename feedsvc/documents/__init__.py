"""From a snapshot of the store to a finished document: feeds, archives, changes, OPML, sitemap.

Nothing here knows Flask or a request, so the service, WebSub and an export publish the same bytes.
"""
