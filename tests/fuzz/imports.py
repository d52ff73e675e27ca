"""Import random inputs: `python -m tests.fuzz.imports COUNT [SEED]`, for `make fuzz-import`.

Each input is a file that is imported as the command does, but for the writing of the articles. A child process for each
core does that; the kernel ends it if one input takes more processor time than is allowed, and it continues with the
next one. The counts are printed as JSON, and the seeds of what failed: `python -m tests.fuzz.imports 1 SEED` shows it.
"""

import json
import multiprocessing
import os
import resource
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, ClassVar, Final

from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.visibility import Visibility, markers
from feedsvc.importing.complete import CompletedDraft, Overrides
from feedsvc.importing.draft import SourceDate
from feedsvc.importing.inputs import inputs
from feedsvc.importing.output.article_file import ArticleFile
from feedsvc.importing.output.content_folder import Outcome, Placement
from feedsvc.importing.report import ImportReport, ProblemKind
from feedsvc.importing.run import Importer
from feedsvc.importing.settings import ImportSettings, load_settings
from tests.fuzz.export_inputs import input_of
from tests.fuzz.import_inputs import SECRET

CONTENT: Final = Path(__file__).parents[2] / "content"
# Of processor time for one input, which takes some milliseconds on an idle machine.
CPU_SECONDS: Final = 60
_MAX_SHOWN: Final = 20
_SHOWN_EACH: Final = 2_500
# Sends the seeds from the first to before the last, each with what was found. Inputs are written into a folder.
Work = Callable[[int, int, str, Any], None]


@dataclass(slots=True)
class _Collected:
    """A destination that keeps the bytes of each article."""

    reported: ClassVar[tuple[Outcome, ...]] = ()
    files: list[bytes] = field(default_factory=list)

    def put(self, article_file: ArticleFile) -> Placement:
        """Keep an article."""
        self.files.append(article_file.data)
        return Placement(path=Path("x.md"), outcome=Outcome.WRITTEN)

    def reject(self, completed: CompletedDraft) -> None:
        """Pass over a draft that cannot become an article."""

    def input_done(self) -> None:
        """Show no progress."""

    def article_done(self) -> None:
        """Show no progress."""

    def file_written(self, path: Path) -> None:
        """Show no path."""


def judge(seed: int, folder: Path, settings: ImportSettings, overrides: Overrides) -> Iterator[str]:
    """Yield what became of each article of an input, which is written into `folder`: "draft", "public", or an error."""
    kind, given = input_of(seed)
    collected, report = _Collected(), ImportReport(reported=())
    path = folder / given.name
    path.write_bytes(given.data)
    report.inputs = list(inputs([str(path)]))
    importer = Importer(
        settings=settings,
        overrides=overrides,
        front_matter="yaml",
        encoding=None,
        destination=collected,
        progress=collected,
    )
    importer.run(report)
    for problem in report.problems:
        if problem.kind is ProblemKind.UNFORESEEN:
            yield f"crash: {kind}: {problem.problem.finding.message}"
        elif problem.kind is not ProblemKind.WARNING:
            yield f"{kind} {problem.kind.value}"
    for data in collected.files:
        is_public = all(each.visibility is Visibility.PUBLIC for each in markers(frontmatter.parse(data).fields))
        if is_public and (given.is_marked or (given.has_secrets and SECRET.encode() in data.lower())):
            yield f"made public: {kind}"
        if given.is_public and not is_public:
            yield f"made a draft: {kind}"
        yield f"{kind} {'public' if is_public else 'draft'}"


def _work(first: int, last: int, folder: str, pipe: Any) -> None:
    settings = load_settings(CONTENT, "https://example.org", "http://127.0.0.1:8000")
    date = settings.date("2026-01-01")
    overrides = Overrides(published=SourceDate(at=date, found_in="--published"), topics=("chips",))
    for seed in range(first, last):
        used = resource.getrusage(resource.RUSAGE_SELF)
        # SIGXCPU ends the process, also in the middle of a library's C code.
        limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        try:
            found = list(judge(seed, Path(folder), settings, overrides))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            found = [f"crash: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:100]}"]
        pipe.send((seed, found))


def run(count: int, first: int = 0, work: Work = _work) -> dict[str, Any]:
    """Import the inputs of that many seeds, and return the counts and what failed."""
    cores = os.cpu_count() or 1
    ends = [first + count * part // cores for part in range(cores + 1)]
    with ThreadPoolExecutor(cores) as threads:
        parts = list(threads.map(_run_part, ends[:-1], ends[1:], repeat(work)))
    counts = sum((each for each, _ in parts), Counter[str]())
    failed = [line for _, lines in parts for line in lines]
    kinds = Counter(each.split(": ")[1] for each in failed)
    names = {
        "crashes": ("crash", "end"),
        "hangs": ("hang",),
        "made_public": ("made public",),
        "made_drafts": ("made a draft",),
    }
    totals = {name: sum(kinds[each] for each in those) for name, those in names.items()}
    return {"inputs": count, "first_seed": first, **totals, "counts": dict(sorted(counts.items())), "failed": failed}


def _run_part(first: int, last: int, work: Work) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    failed: list[str] = []
    done = first
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        while done < last:
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(target=work, args=(done, last, folder, theirs))
            child.start()
            theirs.close()
            try:
                while done < last:
                    _, found = ours.recv()
                    counts.update(each for each in found if ":" not in each)
                    wrong = [f"seed {done}: {each}" for each in found if ":" in each]
                    failed += wrong
                    for line in wrong:
                        print(line, file=sys.stderr, flush=True)
                    done += 1
                    if done % _SHOWN_EACH == 0:
                        print(f"seed {done:,}: {len(failed)} failed", file=sys.stderr, flush=True)
            except EOFError:
                child.join()
                what = (
                    f"hang: over {CPU_SECONDS} s of processor time"
                    if child.exitcode == -24
                    else f"end: {child.exitcode}"
                )
                failed.append(f"seed {done}: {what} on {input_of(done)[0]}")
                done += 1
            child.join()
    return counts, failed


def main() -> None:
    """Print the counts; end with 1 if anything failed."""
    report = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    report["failed"] = report["failed"][:_MAX_SHOWN]
    print(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(1 if report["failed"] else 0)


if __name__ == "__main__":
    main()
