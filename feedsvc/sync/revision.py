"""The revision of the content in git, and whether a standby may follow the last writer with its own.

Nodes either share one content folder or each have a git checkout. With an older checkout, a standby would unpublish
articles when it takes over. Only what a writer publishes into a store that nodes share is noted there.
"""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import gethostname
from typing import Final

from feedsvc.config import Settings
from feedsvc.store import Commit
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

GIT_SECONDS: Final = 30.0
# What a hook of git sets for its own repository would name another one than that of the content.
_HIDDEN: Final = "GIT_"
_PUBLISH: Final = "to publish this checkout all the same, run feedsvc sync here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a writer publishes.

    `commit` is the revision that is checked out: "" if git cannot tell, None for a folder that is not kept in git.
    `has_edits` says that files differ from it. `place` names the machine and the folder.
    """

    commit: str | None
    has_edits: bool = False
    place: str = ""

    def text(self) -> str:
        """Return it as text for the store."""
        return json.dumps(asdict(self))


def parsed(text: str | None) -> Revision | None:
    """Return the revision that `text` is; None for None, and for the text of a later version that is not understood."""
    try:
        return Revision(**json.loads(text)) if text is not None else None
    except (ValueError, TypeError):
        return None


def revision_of(content: Path) -> Revision:
    """Return the revision of a content folder. Git is asked only where a folder above has `.git`."""
    real = Path(os.path.realpath(content))
    place = f"{gethostname()}:{real}"
    if not any((folder / ".git").exists() for folder in (real, *real.parents)):
        return Revision(commit=None, place=place)
    if _git(real, "ls-files", "--error-unmatch", "site.toml") is None and _git(real, "rev-parse", "HEAD") is not None:
        # The checkout of something else, in which the content stands without belonging to it.
        return Revision(commit=None, place=place)
    found = _git(real, "status", "--porcelain=v2", "--branch", "--untracked-files=all", "--", ".")
    lines = (found or "").splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    return Revision(
        commit=commit if commit.isalnum() else "",
        has_edits=any(not line.startswith("#") for line in lines),
        place=place,
    )


def why_not_follow(content: Path, last: Revision | None) -> str:
    """Return why a standby with this content folder must not go on where the writer of `last` ended; "" if it may."""
    if not (content / "site.toml").is_file():
        return f"{content} has no site.toml (mount the shared folder, or clone the content there)"
    own = revision_of(content)
    if last is None or last.place == own.place or last.commit is own.commit is None:
        said = ""
    elif last.commit is None:
        said = f"the last writer ({last.place}) published a folder that is not kept in git ({_PUBLISH})"
    elif own.commit is None:
        said = f"the last writer published a git checkout, and {content} is none ({_PUBLISH})"
    elif not own.commit:
        said = f"git cannot tell the revision of {content} (run git status there as the user of this process)"
    elif not last.commit or last.has_edits:
        cure = (
            "while it runs, commit and push them there, and run git pull here; if it does not run any more, run "
            "feedsvc sync here after the pull"
        )
        said = f"the last writer ({last.place}) published edits that are in no commit ({cure})"
    elif own.has_edits:
        said = f"{content} has edits that are in no commit (commit or remove them; git status lists them)"
    elif _follows(content, last.commit, own.commit):
        said = ""
    else:
        is_shallow = (_git(content, "rev-parse", "--is-shallow-repository") or "").strip() == "true"
        cure = "run git pull --unshallow here" if is_shallow else "run git pull here"
        seen = f"{content} is at revision {own.commit[:12]}, which is not known to follow {last.commit[:12]}"
        said = f"{seen} of the last writer ({cure}; {_PUBLISH})"
    return said


def revision_to_note(settings: Settings) -> Revision | None:
    """Return the revision of the content, for `note_revision`; None for a store in SQLite.

    The writers of SQLite share one folder: an edit there need not wait for git. It is called after the files were
    read, so that it may be too new and never too old, and before the store is locked, since git may take long.
    """
    return None if isinstance(settings.store, Path) else revision_of(settings.content)


def note_revision(commit: Commit, content: Path, own: Revision | None) -> None:
    """Save the revision of the content with what is published of it, in the same transaction; None saves nothing.

    Log a warning where the checkout went back: what an editor checks out is published, but a standby at the later
    revision would publish that again.
    """
    if own is None:
        return
    last = parsed(commit.snapshot.writer_revision())
    if own == last:
        return
    if own.commit == "":
        log.warning("git cannot tell the revision of %s: no standby can follow (run git status there)", content)
    elif own.commit and last and last.commit and not _follows(content, last.commit, own.commit):
        cure = "to withdraw it on all machines, publish a commit of git revert"
        seen = f"{own.commit[:12]} does not follow {last.commit[:12]}, which was published before"
        log.warning("%s: %s, and a standby may publish that again when it takes over (%s)", content, seen, cure)
    commit.site.note_revision(own.text())


def _follows(content: Path, earlier: str, later: str) -> bool:
    return earlier == later or _git(content, "merge-base", "--is-ancestor", earlier, later) is not None


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints; None if it fails, is missing, or does not answer within GIT_SECONDS."""
    # Without locks, an editor who commits at the same time is not disturbed. No monitor that the folder names is run.
    command = ["git", "-C", str(folder), "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    try:
        ended = subprocess.run(
            command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.decode(errors="replace") if ended.returncode == 0 else None
