"""The `feedsvc` command. Each command, or family of commands, has a module of its own."""

import click

from feedsvc import __version__
from feedsvc.cli.backup_commands import backup_command, restore_command
from feedsvc.cli.check_command import check_command
from feedsvc.cli.identity_commands import forget_command, ids_command, reidentify_command
from feedsvc.cli.import_command import classify_command, import_command
from feedsvc.cli.new_command import new_command
from feedsvc.cli.status_command import status_command
from feedsvc.cli.sync_commands import serve_command, sync_command, watch_command
from feedsvc.processes.log_stream import open_standard_files
from feedsvc.terminal import escape_tracebacks


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Articles kept as files, published as RSS, Atom and JSON Feed per topic."""
    open_standard_files()
    escape_tracebacks()


for each in (
    serve_command,
    sync_command,
    check_command,
    watch_command,
    new_command,
    import_command,
    classify_command,
    ids_command,
    reidentify_command,
    forget_command,
    status_command,
    backup_command,
    restore_command,
):
    main.add_command(each)
