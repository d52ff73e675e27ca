"""`feedsvc status`: how the publication and its writer are, for an operator and for scripts."""

import json
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.common import Command, places, settings_of_store
from feedsvc.hub.status import hub_json, hub_lines, hub_numbers
from feedsvc.media import media_storage
from feedsvc.store import Store
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.store.writer_problems import lines_of, media_problems, problems_of, warnings_of
from feedsvc.terminal import echo, styled


@click.command("status", cls=Command)
@places
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(as_json: bool, **options: Any) -> None:
    """Print what is published, and the state of the writer.

    Ends with 1 if something is wrong, with 2 if nothing can be read.
    """
    settings = settings_of_store(**options)
    now = datetime.now(UTC)
    with closing(Store(settings.store)) as store, store.read() as snapshot:
        state = store.writer_state()
        seen, hub = snapshot.overview(), snapshot.site().hub
        lost = media_problems(snapshot.media, media_storage(settings))
    with closing(Subscriptions(settings.store, settings.state)) as subscriptions:
        numbers = hub_numbers(hub, subscriptions, now.timestamp())
    problems = (*problems_of(state, now), *lost)
    counts = {
        "articles": seen.total,
        "scheduled": seen.scheduled_count,
        "drafts": seen.drafts,
        "set_aside": seen.set_aside_count,
        "warned": seen.warned_count,
    }
    synced = seen.synced.isoformat() if seen.synced else None
    if as_json:
        writer = asdict(state) if state is not None else None
        found = {**counts, "synced": synced, "writer": writer, "problems": [asdict(each) for each in problems]}
        found["hub"] = hub_json(hub, numbers)
        echo(json.dumps(found, ensure_ascii=True, default=lambda moment: moment.isoformat()))
    else:
        echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
        echo(f"last sync: {synced or 'none'}")
        writer_lines = (*lines_of(state, now, detailed=True), *warnings_of(lost, detailed=True))
        for line in (*writer_lines, *hub_lines(hub, numbers)):
            echo(styled(line, fg="yellow") if line.startswith("warning:") else line)
    sys.exit(1 if problems else 0)
