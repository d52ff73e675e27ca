"""`feedsvc init`: the first files of a publication, from the answers to five questions."""

import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from feedsvc import languages
from feedsvc.cli.common import Command, called_as
from feedsvc.config import language_here, timezone_here
from feedsvc.errors import ConfigError
from feedsvc.site import values
from feedsvc.starter.publication import (
    NewPublication,
    NewTopic,
    domain_of,
    files_of,
    first_topic,
    topic_of,
    write,
)
from feedsvc.terminal import echo

T = TypeVar("T")


@click.command("init", cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", help="The name of the publication. Default: the name of DIR.")
@click.option("--domain", help="A domain of yours, such as news.example.org. Default: none yet.")
@click.option("--language", "tags", multiple=True, help="Its language, such as zh-Hant; may be repeated.")
@click.option("--timezone", help="Its time zone, such as Asia/Taipei. Default: that of this machine.")
@click.option("--topic", "topics", multiple=True, help="A topic, TITLE or NAME=TITLE; may be repeated.")
@click.option("--yes", is_flag=True, help="Ask nothing: what no option names gets its default.")
def init_command(
    folder: Path,
    *,
    title: str | None,
    domain: str | None,
    tags: tuple[str, ...],
    timezone: str | None,
    topics: tuple[str, ...],
    yes: bool,
) -> None:
    """Begin a publication in a folder, with settings and first articles.

    Options answer its five questions beforehand, and lines of a pipe do. The first language is the main one.
    """
    asks = not yes
    default_title = folder.resolve().name.replace("-", " ").replace("_", " ").strip().capitalize() or "My publication"
    named = _answer(
        "--title", "Title", title, default_title, lambda text: values.title(text, "en").in_("en"), asks=asks
    )
    host = _answer("--domain", "Domain, if you have one", domain, "", domain_of, asks=asks)
    tongues = _answer(
        "--language", "Languages, main one first", ", ".join(tags), language_here(), _languages, asks=asks
    )
    zone = _answer("--timezone", "Time zone", timezone, timezone_here(), lambda name: values.zone(name).key, asks=asks)
    subjects = _answer(
        "--topic", "Topics, each TITLE or NAME=TITLE", ", ".join(topics), first_topic(tongues[0]), _topics, asks=asks
    )
    new = NewPublication(title=named, domain=host, languages=tongues, timezone=zone, topics=subjects)
    files = files_of(new, datetime.now(ZoneInfo(zone)).replace(second=0, microsecond=0))
    ignored = folder / ".gitignore"
    if ignored.exists():
        files.pop(ignored.name)
    write(folder, files)
    for topic in subjects:
        if topic.name.startswith("topic-"):
            echo(
                f"{topic.title}: its name in addresses is {topic.name}, /feeds/{topic.name}.atom "
                f"(write another one into content/site.toml before you publish: [topics.{topic.name}])"
            )
    _say_what_next(folder, list(files), new)


def _answer(
    option: str, question: str, given: str | None, default: str, reader: Callable[[str], T], *, asks: bool
) -> T:
    """Return the value of an option, of an answer, or the default. Asks again after a wrong answer.

    At the end of an input that is no terminal, the default is taken. Raises ConfigError for a wrong option or line.
    """
    if given or not asks:
        try:
            return reader(given or default)
        except ValueError as error:
            raise ConfigError(f"{option}: {error}") from error
    is_terminal = sys.stdin.isatty()
    while True:
        try:
            return reader(click.prompt(question, default=default, show_default=bool(default)))
        except ValueError as error:
            if not is_terminal:
                raise ConfigError(f"{option}: {error}") from error
            echo(str(error), err=True)
        except click.Abort:
            if is_terminal:
                raise
            echo("")  # ends the line of the question
            return reader(default)


def _languages(written: str) -> Sequence[str]:
    tags = [languages.canonical(tag) for tag in written.replace("、", ",").replace("，", ",").split(",") if tag.strip()]
    if not tags:
        raise ValueError("name at least one language (en, zh-Hant, ja, …)")
    return list(dict.fromkeys(tags))


def _topics(written: str) -> Sequence[NewTopic]:
    texts = [text for text in written.replace("、", ",").replace("，", ",").split(",") if text.strip()]
    topics = {topic.name: topic for topic in (topic_of(text, number) for number, text in enumerate(texts, 1))}
    if len(topics) < len(texts):
        raise ValueError("two topics have one name in addresses (write NAME=TITLE, such as chips=Chips)")
    if not topics:
        raise ValueError("name at least one topic (News, or news=新聞)")
    return list(topics.values())


def _say_what_next(folder: Path, files: Sequence[str], new: NewPublication) -> None:
    command = shlex.quote(called_as(elsewhere=True))
    echo(f"{folder} is a publication now:")
    for path in files:
        echo(f"  {path}")
    echo("Next:")
    echo(f"  cd {shlex.quote(str(folder))}")
    echo(f"  {command} serve       # then open http://127.0.0.1:8000/")
    echo(f"  {command} new TITLE   # a draft of another article")
    echo(f"  {command} check       # what is wrong, with file, line and remedy")
    if not new.domain:
        echo("Before anybody subscribes, write a domain of yours into content/site.toml: tag_authority and base_url.")
    if ".gitignore" not in files:
        echo("If it is kept in git, add a line .feedsvc/ to .gitignore: the store is made of content/.")
