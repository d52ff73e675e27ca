"""`python websub_hub.py CALLBACKS THREADS`: Flask-WebSub's hub with Celery, in the order of its documentation.

CALLBACKS is a file with a callback in each line. The broker is in memory and the pool has threads, which is the fastest
that Celery has for requests: no document goes through another process. Each line of standard input is the path of a
document, which is then delivered.
"""

import base64
import sys
import tempfile
import threading
from pathlib import Path

from celery import Celery
from flask_websub.hub import Hub, SQLite3HubStorage
from flask_websub.hub.tasks import send_change_notification

TOPIC = "https://bench.example/feeds/chips.atom"
LINK = f'<https://bench.example/hub>; rel="hub", <{TOPIC}>; rel="self"'
FIELDS = {
    "Content-Type": "application/atom+xml",
    "Link": f'<https://bench.example/hub>; rel="hub", <{TOPIC}>; rel="self"',
}


def main() -> None:
    """Work in a thread, and deliver what standard input names."""
    celery = Celery("bench", broker="memory://")
    celery.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(SQLite3HubStorage(str(Path(folder) / "hub.sqlite3")), celery)
        for callback in Path(sys.argv[1]).read_text().split():
            hub.storage[TOPIC, callback] = {"lease_seconds": 86_400, "secret": "a secret of the bench"}
        worker = celery.Worker(pool="threads", concurrency=int(sys.argv[2]), loglevel="ERROR", optimization="fair")
        threading.Thread(target=worker.start, daemon=True).start()
        print("ready", flush=True)
        for line in sys.stdin:
            content = base64.b64encode(Path(line.strip()).read_bytes()).decode()
            send_change_notification(hub, TOPIC, {"headers": FIELDS, "content": content})


if __name__ == "__main__":
    main()
