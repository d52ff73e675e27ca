"""`feedsvc status`: how the publication and its writer are, for an operator and for scripts."""

import json
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import load_settings
from feedsvc.store import Store
from feedsvc.store.writer_problems import lines_of, problems_of
from feedsvc.store.writer_state import read_state
from feedsvc.terminal import echo


@click.command("status", cls=Command)
@places
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(as_json: bool, **options: Any) -> None:
    """Say what is published and how the writer is; ends with 1 if something is wrong, 2 if nothing can be read."""
    settings = load_settings(**options)
    now = datetime.now(UTC)
    state = read_state(settings.store)
    problems = problems_of(state, now)
    with closing(Store(settings.store)) as store, store.read() as snapshot:
        seen = snapshot.overview()
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
        echo(json.dumps(found, ensure_ascii=True, default=lambda moment: moment.isoformat()))
    else:
        echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
        echo(f"last sync: {synced or 'none'}")
        for line in lines_of(state, now, detailed=True):
            echo(line)
    sys.exit(1 if problems else 0)
