"""The application for any WSGI server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

import logging

from feedsvc.config import load_settings
from feedsvc.terminal import log_to_stderr
from feedsvc.web import create_app

# A server that has configured the root logger keeps its own format.
log_to_stderr(load_settings().log, level=logging.WARNING)

app = create_app(watching=True)
