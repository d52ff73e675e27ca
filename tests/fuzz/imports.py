"""Import random inputs: `python -m tests.fuzz.imports COUNT [SEED]`, for `make fuzz-import`.

Each input is read, completed and made a file as an import does. A child process does that; the kernel ends it if one
input takes more processor time than is allowed, and it continues with the next one. The counts are printed as JSON, and
the seeds of what failed: `python -m tests.fuzz.imports 1 SEED` shows it again.
"""

import json
import multiprocessing
import resource
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.visibility import Visibility, markers
from feedsvc.errors import ArticleError
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.draft import Draft, FailedEntry, SourceDate
from feedsvc.importing.output.article_file import article_file_of
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings, load_settings
from tests.fuzz.import_inputs import input_of

CONTENT: Final = Path(__file__).parents[2] / "content"
# Of processor time for one input, which takes some milliseconds on an idle machine.
CPU_SECONDS: Final = 60
_MAX_SHOWN: Final = 20


def judge(seed: int, settings: ImportSettings, overrides: Overrides) -> Iterator[str]:
    """Yield what became of each article of an input: "draft", "public", "refused", or what is wrong."""
    kind, given = input_of(seed)
    try:
        items = list(read_items(given.name, given.data, settings))
    except ArticleError:
        yield f"{kind} refused"
        return
    for item in items:
        if isinstance(item, FailedEntry) and item.is_unforeseen:
            yield f"crash: {kind}: {item.findings[0].message}"
        if not isinstance(item, Draft):
            yield f"{kind} {type(item).__name__}"
            continue
        completed = complete(item, settings, overrides)
        if completed.missing:
            yield f"{kind} incomplete"
            continue
        try:
            data = article_file_of(completed, settings.site, "yaml").data
        except ArticleError:
            yield f"{kind} refused"
            continue
        fields = frontmatter.parse(data).fields
        is_public = all(each.visibility is Visibility.PUBLIC for each in markers(fields))
        if is_public and given.is_marked:
            yield f"made public: {kind}"
        yield f"{kind} {'public' if is_public else 'draft'}"


def _work(first: int, last: int, pipe: Any) -> None:
    settings = load_settings(CONTENT, "https://example.org", "http://127.0.0.1:8000")
    date = settings.date("2026-01-01")
    overrides = Overrides(published=SourceDate(at=date, found_in="--published"), topics=("chips",))
    for seed in range(first, last):
        used = resource.getrusage(resource.RUSAGE_SELF)
        # SIGXCPU ends the process, also in the middle of a library's C code.
        limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        try:
            found = list(judge(seed, settings, overrides))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            found = [f"crash: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:100]}"]
        pipe.send((seed, found))


def run(count: int, first: int = 0, work: Callable[[int, int, Any], None] = _work) -> dict[str, Any]:
    """Import the inputs of that many seeds, and return the counts and what failed."""
    counts: Counter[str] = Counter()
    failed: list[str] = []
    done, last = first, first + count
    context = multiprocessing.get_context("spawn")
    while done < last:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=work, args=(done, last, theirs))
        child.start()
        theirs.close()
        try:
            while done < last:
                _, found = ours.recv()
                counts.update(each for each in found if ":" not in each)
                failed += (f"seed {done}: {each}" for each in found if ":" in each)
                done += 1
        except EOFError:
            child.join()
            what = (
                f"hang: over {CPU_SECONDS} s of processor time" if child.exitcode == -24 else f"end: {child.exitcode}"
            )
            failed.append(f"seed {done}: {what} on {input_of(done)[0]}")
            done += 1
        child.join()
    kinds = Counter(each.split(": ")[1] for each in failed)
    names = {"crashes": ("crash", "end"), "hangs": ("hang",), "made_public": ("made public",)}
    totals = {name: sum(kinds[each] for each in those) for name, those in names.items()}
    return {"inputs": count, "first_seed": first, **totals, "counts": dict(sorted(counts.items())), "failed": failed}


def main() -> None:
    """Print the counts; end with 1 if anything failed."""
    report = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    report["failed"] = report["failed"][:_MAX_SHOWN]
    print(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(1 if report["failed"] else 0)


if __name__ == "__main__":
    main()
