"""`feedsvc import` and `feedsvc classify`. They load their modules when they run, so other commands start fast."""

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from feedsvc.articles.metadata.systems import SYSTEMS
from feedsvc.cli.common import Command, places, topic_names
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ArticleError, ConfigError, Problem
from feedsvc.terminal import echo, echo_file, styled

if TYPE_CHECKING:
    from feedsvc.importing.complete import Overrides
    from feedsvc.importing.report import ImportReport
    from feedsvc.importing.run import Importer
    from feedsvc.importing.settings import ImportSettings


T = TypeVar("T")


@click.command("import", cls=Command)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|DIRECTORY|-...")
@places
@click.option("--dry-run", is_flag=True, help="Write to stdout, with a preview of what was kept and cut on stderr.")
@click.option("--published", metavar="DATE", help="The date of articles without one in text, metadata or file name.")
@click.option(
    "--topic", "topics", multiple=True, help="A topic of site.toml, in place of the proposed ones; may be repeated."
)
@click.option("--language", metavar="TAG", help="The language of the articles, in place of the detected one.")
@click.option("--slug", metavar="NAME", help="The slug of the article. Only for one file with one article.")
@click.option("--front-matter", type=click.Choice(["yaml", "toml"]), default="yaml", help="The format of front matter.")
@click.option("--encoding", metavar="NAME", help="The encoding of text files that are not UTF-8, such as big5.")
@click.option(
    "--from", "system", type=click.Choice(list(SYSTEMS)), default=None, help="The system of the files; else detected."
)
@click.option(
    "--force",
    is_flag=True,
    help="Overwrite an existing article that differs; it becomes NAME.~1~.",
)
@click.option(
    "--publish-unmarked",
    is_flag=True,
    help="Publish notes of Obsidian and pages of Tumblr that do not say who may read them; else drafts.",
)
@click.option("--canonical", is_flag=True, help="Keep the link of a feed's entry at another site as canonical address.")
@click.option(
    "--media",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A copy of WordPress's wp-content/uploads, or another folder, to take pictures from.",
)
@click.option(
    "--post-type",
    "post_types",
    multiple=True,
    metavar="NAME",
    help="A type of WordPress's entries that become articles, besides posts and pages; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout, and no paths.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="A file for the same JSON.")
def import_command(sources: tuple[str, ...], **options: Any) -> None:
    """Make articles of text, saved pages, Markdown, feeds and exports.

    Ends with 1 if one was set aside. Run again, an interrupted import continues.
    """
    from feedsvc.cli.progress_printer import ProgressPrinter
    from feedsvc.importing.inputs import inputs
    from feedsvc.importing.output.content_folder import ContentFolder
    from feedsvc.importing.output.destinations import ContentDestination, PreviewDestination
    from feedsvc.importing.packages import check_packages
    from feedsvc.importing.report import ImportReport
    from feedsvc.importing.run import Destination, Importer
    from feedsvc.importing.source_files import UploadedFiles

    check_packages()
    own = {name: options.pop(name) for name in _OWN}
    settings = load_settings(**options)
    import_settings = replace(
        _import_settings(settings),
        system=own["system"] or "",
        publishes_unmarked=own["publish_unmarked"],
        post_types=own["post_types"],
        now=datetime.now(UTC),
    )
    found = list(inputs(sources))
    if own["slug"] and len(found) != 1:
        raise ConfigError(f"--slug: names one article, and {len(found):,} files are given (import that file alone)")
    if own["slug"] and found[0].is_archive:
        raise ConfigError("--slug: names one article, and an archive may hold several (unpack it, import that file)")
    folder = ContentFolder(settings.content, import_settings.site, own["front_matter"], own["force"])
    destination: Destination = ContentDestination(folder)
    if own["dry_run"]:
        show_file: Callable[[str], None] = (lambda _: None) if own["as_json"] else echo_file
        destination = PreviewDestination(import_settings, folder, echo, show_file)
    importer = Importer(
        settings=import_settings,
        overrides=_overrides(import_settings, own),
        front_matter=own["front_matter"],
        encoding=own["encoding"],
        destination=destination,
        progress=ProgressPrinter(len(found), is_json=own["as_json"]),
        uploads=UploadedFiles(own["media"]) if own["media"] else None,
    )
    report = ImportReport(destination.reported, found)
    sys.exit(_run(importer, report, own["report"], as_json=own["as_json"]))


def _run(importer: "Importer", report: "ImportReport", file: Path | None, *, as_json: bool) -> int:
    """Import the inputs of the report, write it to `file`, print it, and return the exit status.

    SIGINT and SIGTERM end the import, and the report says so.
    """
    from feedsvc.storage import atomic_write

    received: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    def write_report() -> None:
        if file:
            atomic_write.overwrite(file, f"{report.json()}\n".encode())

    # A path that cannot be written is named before the work, and after a kill the file says that it is not finished.
    write_report()
    former = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        importer.run(report)
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        write_report()
    for line in report.lines():
        echo(line, err=True)
    if as_json:
        echo_file(report.json())
    # A shell gives 128 and the number of the signal as the status of a program that a signal ended.
    return 128 + received[0] if received else 1 if report.set_aside else 0


_OWN = (
    *("dry_run", "published", "topics", "language", "slug", "front_matter", "encoding", "force", "system"),
    *("canonical", "media", "as_json", "report", "publish_unmarked", "post_types"),
)


@click.command("classify", cls=Command)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|DIRECTORY|-...")
@places
@click.option("--encoding", metavar="NAME", help="The encoding of text files that are not UTF-8, such as big5.")
def classify_command(sources: tuple[str, ...], encoding: str | None, **options: Any) -> None:
    """Print the language, topics and names that are found in articles."""
    from feedsvc.importing.complete import propose
    from feedsvc.importing.inputs import inputs, opened
    from feedsvc.importing.packages import check_packages
    from feedsvc.importing.preview import describe_score
    from feedsvc.importing.readers.detect import read_drafts

    check_packages()
    import_settings = _import_settings(load_settings(**options))
    failed = False

    @contextmanager
    def errors_of(name: str) -> Iterator[None]:
        nonlocal failed
        try:
            yield
        except ArticleError as error:
            failed = True
            for finding in error.findings:
                echo(str(Problem(path=name, finding=finding)), err=True)

    for each in inputs(sources):
        with errors_of(each.name), opened(each, encoding) as (members, _):
            for member in members:
                if member.skipped:
                    continue
                with errors_of(member.name):
                    # The whole file is read before the first line, so a file with an error prints nothing else.
                    for draft in list(read_drafts(member.name, member.read(), import_settings, encoding)):
                        proposal = propose(draft, import_settings)
                        echo(styled(f"{draft.source}: {draft.title}", bold=True))
                        echo(f"  language {proposal.language} ({proposal.language_reason})")
                        for score in proposal.topic_scores:
                            echo(f"  {describe_score(score)}")
                        echo(f"  tags {', '.join(proposal.tags) or 'none'}")
    sys.exit(1 if failed else 0)


def _import_settings(settings: Settings) -> "ImportSettings":
    from feedsvc.importing.settings import load_settings

    return load_settings(settings.content, settings.base_url, settings.own_url)


def _overrides(import_settings: "ImportSettings", own: Mapping[str, Any]) -> "Overrides":
    from feedsvc import languages
    from feedsvc.articles.metadata import fields
    from feedsvc.importing.complete import Overrides
    from feedsvc.importing.draft import SourceDate

    known = [topic.name for topic in import_settings.site.topics]
    site = import_settings.site
    topics = topic_names(own["topics"], site)
    at = _option("--published", import_settings.date, own["published"])
    tag = _option("--language", languages.canonical, own["language"])
    slug = _option("--slug", fields.slug, own["slug"])
    date = SourceDate(at=at, found_in="--published") if at else None
    chosen = tuple(name for name in known if name in topics)
    # Front matter has no fractions of a second.
    now = datetime.now(UTC).replace(microsecond=0)
    return Overrides(published=date, topics=chosen, language=tag, slug=slug, canonical=own["canonical"], started_at=now)


def _option(name: str, read: Callable[[str], T], written: str | None) -> T | None:
    try:
        return None if written is None else read(written)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
