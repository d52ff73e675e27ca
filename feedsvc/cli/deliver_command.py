"""`feedsvc deliver`: a delivery worker of the WebSub hub."""

import os
from contextlib import closing
from functools import partial
from typing import Any, Final

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import load_settings
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.processes.priority import lower_priority
from feedsvc.processes.stopping import stop_event
from feedsvc.store import Store
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.terminal import log_to_stderr

# Of the worker that `feedsvc serve` starts: where a machine is busy, its polls come before deliveries.
NICENESS: Final = 10


@click.command("deliver", cls=Command)
@places
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def deliver_command(with_parent: bool, **options: Any) -> None:
    """Deliver changed feeds to the subscribers of the hub until stopped.

    `feedsvc serve` runs one of these; any number may run, on any machine.
    """
    # The HTTP client takes a tenth of a second to load, which other commands need not wait for.
    from feedsvc.hub.outgoing import Sender
    from feedsvc.hub.worker import DeliveryWorker

    settings = load_settings(**options)
    use_log_streams()
    log_to_stderr(settings.log, is_piped=with_parent)
    if with_parent:
        lower_priority(os.getpid(), NICENESS)
    stop = stop_event(with_parent=with_parent)
    with (
        closing(Store(settings.store)) as store,
        closing(Subscriptions(settings.store, settings.state)) as subscriptions,
        closing(Sender()) as sender,
    ):
        send = partial(sender.send, allow_loopback=bool(settings.hub_allow_loopback))
        DeliveryWorker(store, subscriptions, send, settings.hub_connections).run(stop)
