"""The `feedsvc` command. Each command, or family of commands, has a module of its own."""

import atexit
import gc
from typing import Final

import click

from feedsvc import __version__
from feedsvc.cli.check_command import check_command
from feedsvc.cli.deliver_command import deliver_command
from feedsvc.cli.doctor_command import doctor_command
from feedsvc.cli.export_command import export_command
from feedsvc.cli.identity_commands import forget_command, ids_command, reidentify_command, rename_command
from feedsvc.cli.import_command import classify_command, import_command
from feedsvc.cli.init_command import init_command
from feedsvc.cli.list_command import list_command
from feedsvc.cli.new_command import new_command
from feedsvc.cli.purge_command import purge_command
from feedsvc.cli.status_command import status_command
from feedsvc.cli.store_commands import backup_command, restore_command, store_group
from feedsvc.cli.sync_commands import serve_command, sync_command, watch_command
from feedsvc.processes.log_stream import open_standard_files
from feedsvc.terminal import escape_tracebacks

GROUPS: Final = {
    "Publish": (
        serve_command,
        sync_command,
        watch_command,
        deliver_command,
        export_command,
        check_command,
        list_command,
    ),
    "Write": (init_command, new_command, rename_command, ids_command, reidentify_command),
    "Import": (import_command, classify_command),
    "Operate": (
        status_command,
        doctor_command,
        backup_command,
        restore_command,
        store_group,
        forget_command,
        purge_command,
    ),
}


class _Commands(click.Group):
    """The group of all commands, whose help lists them in the order of GROUPS, each with a whole sentence."""

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their first sentences, which are neither cut nor broken."""
        width = max(len(name) for name in self.commands)
        for title, commands in GROUPS.items():
            with formatter.section(title):
                for each in commands:
                    name = str(each.name)
                    formatter.write(f"  {name:<{width}}  {each.get_short_help_str(limit=1000)}\n")


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """Articles kept as files, published as RSS, Atom and JSON Feed per topic."""
    # At its end, Python looks for cycles among all objects. That takes a tenth of a second, and the system frees them.
    atexit.register(gc.freeze)
    open_standard_files()
    escape_tracebacks()


for commands in GROUPS.values():
    for each in commands:
        main.add_command(each)
