"""Numbers, defaults and lists in the docs are those of the code."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields

import pytest

from feedsvc.articles import limits
from feedsvc.articles.assets import MEDIA_TYPES
from feedsvc.articles.findings import MAX_FINDINGS
from feedsvc.articles.html.sanitize import MAX_PASSES
from feedsvc.articles.metadata import fields as front_matter
from feedsvc.articles.metadata.frontmatter import MAX_DEPTH, MAX_FIELDS, MAX_FRONT_MATTER
from feedsvc.articles.metadata.visibility import UNREAD_FOLDERS
from feedsvc.config import Settings
from feedsvc.doctor import address_checks, cache_checks, client, feed_checks, machine_checks
from feedsvc.doctor.checks import CHECKS
from feedsvc.languages import MAX_TAG
from feedsvc.model import MAX_FEED_SIZE, MAX_TOMBSTONE_DAYS, MIN_FEED_BYTES, Site
from feedsvc.routes import ROUTES
from feedsvc.serve import MAX_CONNECTIONS, MAX_HEADER_BYTES
from feedsvc.server import granian_server, granian_worker
from feedsvc.site.redirects import PRESETS
from feedsvc.store.snapshot.archives import MANY_CORRECTIONS
from feedsvc.store.snapshot.translations import MAX_TRANSLATIONS
from feedsvc.sync.assets import MAX_ASSET_BYTES
from feedsvc.sync.folder import walk
from feedsvc.text import MAX_NAME
from feedsvc.toml import MAX_PARTS
from feedsvc.web.cache import refresher, response_cache
from feedsvc.web.cache.state import OVERHEAD
from feedsvc.web.pages import search_page
from feedsvc.web.render_limiter import Cost, limits_of_pool
from tests.broken.corpus import all_broken
from tests.doc_pages import PAGES, ROOT, names, page, rows
from tests.hostile.corpus import vectors
from tests.robust.bombs import bombs


def test_settings_have_the_defaults_of_the_code() -> None:
    defaults = {f"FEEDSVC_{field.name.upper()}": field.default for field in fields(Settings)}
    del defaults["FEEDSVC_STORE"], defaults["FEEDSVC_MEDIA"], defaults["FEEDSVC_STATE"]  # made of the content folder
    documented: dict[str, str] = {}
    for variables, _, default in rows(page("reference/settings.md"), "variable | meaning | default"):
        values = names(default) or [""] * len(names(variables))
        documented |= dict(zip(names(variables), values, strict=True))
    assert {name: documented[name] for name in defaults} == {
        name: "" if value is None else str(value) for name, value in defaults.items()
    }


def test_keys_of_site_toml_have_the_defaults_of_the_code() -> None:
    defaults = {field.name: field.default for field in fields(Site)}
    documented = {
        names(keys)[0]: found[1].strip('`"')
        for keys, meaning in rows(page("reference/site-toml.md"), "key | meaning")
        if (found := re.search(r'Default: (`?"?[\w.-]+"?`?[\w]*)', meaning)) and defaults.get(names(keys)[0])
    }
    for name in ("feed_size", "feed_bytes", "tombstone_days", "archives"):
        assert documented[name].rstrip(".") == str(defaults[name]), name


def test_each_address_is_listed_and_exists() -> None:
    text = page("reference/addresses.md")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `/")]
    listed = [name.partition("?")[0] for cell in cells for name in names(cell) if name.startswith("/")]
    patterns = {
        route: re.sub(r"<(?:\w+(?:\([^)]*\))?:)?\w+>", ".+", route.rule.replace(".", r"\.")).replace(r"\.+", ".+")
        for route in ROUTES
    }
    for name in listed:
        assert any(re.fullmatch(pattern, name) for pattern in patterns.values()), name
    for route, pattern in patterns.items():
        assert any(re.fullmatch(pattern, name) for name in listed), route.rule


def test_metrics_that_are_named_exist() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "feedsvc" / "web" / "stats").glob("*.py"))
    texts = [page("how-to/deploy.md"), page("explanation/failures.md")]
    texts.append((ROOT / "deploy" / "feedsvc.rules.yml").read_text("utf-8"))
    for name in set(re.findall(r"\bfeedsvc_\w+", "".join(texts))):
        assert f'"{name}"' in code or f'("{name.removeprefix("feedsvc_writer_")}",' in code, name


def test_problems_of_the_writer_are_those_of_the_code() -> None:
    code = (ROOT / "feedsvc" / "store" / "writer_problems.py").read_text("utf-8")
    documented = [names(cell)[0] for cell, *_ in rows(page("how-to/deploy.md"), "problem | meaning | remedy")]
    assert sorted(documented) == sorted(set(re.findall(r'WriterProblem\("([a-z-]+)"', code)))


def test_checks_of_doctor_are_those_of_the_code() -> None:
    documented = rows(page("how-to/check-a-deployment.md"), "check | what must be true")
    assert [names(cell)[0] for cell, _ in documented] == [each.name for each in CHECKS]


def test_kinds_of_media_are_those_that_are_served() -> None:
    documented = [
        name for _, suffixes in rows(page("reference/media.md"), "kind | suffixes") for name in names(suffixes)
    ]
    assert sorted(documented) == sorted(MEDIA_TYPES)


def test_unread_folders_are_those_of_the_code() -> None:
    text = page("reference/not-published.md").partition("does not read these below")[2].partition(";\n")[0]
    assert sorted(name.lower() for name in names(text) if name != "articles/") == sorted(UNREAD_FOLDERS)


def test_presets_are_those_of_the_code() -> None:
    table = rows(page("how-to/move.md"), "preset | old addresses, for example | redirect to")
    documented = [names(preset)[0] for preset, *_ in table if preset]
    assert sorted(documented) == sorted(PRESETS)


def test_classes_of_requests_have_the_limits_of_the_code() -> None:
    budgets = limits_of_pool(4, 32).budgets
    documented = rows(page("explanation/speed.md"), "class | what | threads that may wait | for at most")
    assert [cells[0] for cells in documented] == [cost.name.lower() for cost in Cost]
    for name, _, places, seconds in documented[:3]:
        budget = budgets[Cost[name.upper()]]
        assert (places, seconds) == (str(budget.places), f"{budget.seconds:g} s"), name


def tables(name: str) -> dict[str, list[object]]:
    """Return the arrays of tables of a TOML file of the tests."""
    return tomllib.loads((ROOT / name).read_text("utf-8"))


# What a page says → the number in the code that it states. The page must have the text with the number in it.
FACTS: Mapping[str, list[tuple[str, float]]] = {
    "reference/sanitizing.md": [
        ("an article's file | {} bytes", limits.MAX_BYTES),
        ("its front matter | {} characters", MAX_FRONT_MATTER),
        ("characters, {} fields", MAX_FIELDS),
        ("nested {} deep", MAX_DEPTH),
        ("a dotted key of TOML | {} parts", MAX_PARTS),
        ("a text in front matter | {} characters", front_matter.MAX_TEXT),
        ("a slug | {} characters", front_matter.MAX_SLUG),
        ("and {} bytes of UTF-8", front_matter.MAX_SLUG_BYTES),
        ("a language tag | {} characters", MAX_TAG),
        ("`enclosure` | {} files", limits.MAX_ENCLOSURES),
        ("{} findings are shown", MAX_FINDINGS),
        ("count ten times | {}", limits.MAX_MARKS),
        ("its tables could have | {}", limits.MAX_CELLS),
        ("the HTML of Markdown | {} characters", limits.MAX_HTML),
        ("elements | {}, in the text", limits.MAX_ELEMENTS),
        ("nesting | {}", limits.MAX_NESTING),
        ("attributes of an element | {}", limits.MAX_ATTRIBUTES),
        ("× 3 | {}", limits.MAX_WORK),
        ("elements × end tags | {}", limits.MAX_END_WORK),
        ("scanned for attributes | {}", limits.MAX_SCANNED),
        ("spaces in the text | {}", limits.MAX_REFERENCES),
        ("`srcset` attributes | {}", limits.MAX_CANDIDATES),
        ("that its text names | {}", limits.MAX_FILES),
        ("passes until nothing changes | {}", MAX_PASSES),
        ("aliases | {}", front_matter.MAX_ALIASES),
        ("tags, and authors | {} of each", front_matter.MAX_NAMES),
        ("an author's email | {} characters", MAX_NAME),
        ("an author's uri | {} characters", front_matter.MAX_PERSONS_URI),
        ("translations that an article shows | {}", MAX_TRANSLATIONS),
        ("a file beside an article | {} bytes", MAX_ASSET_BYTES),
        ("below `content/articles` | {}", walk.MAX_DEPTH),
    ],
    "reference/site-toml.md": [
        ("articles in a feed, 1 to {}", MAX_FEED_SIZE),
        ("feed in bytes, {} or more", MIN_FEED_BYTES),
        ("closed period; 0 to {}", MAX_TOMBSTONE_DAYS),
    ],
    "reference/archives.md": [("latest {} corrections", MANY_CORRECTIONS)],
    "reference/slices.md": [("at most {} pages", search_page.PAGES), ("1 to {} of them", MAX_FEED_SIZE)],
    "reference/addresses.md": [("at most {} pages", search_page.PAGES)],
    "how-to/check-a-deployment.md": [
        ("at least {} days more", address_checks.SOON.days),
        ("by at most {} s", address_checks.MAX_SKEW.total_seconds()),
        ("at most {} days. |", cache_checks.LONG.days),
        ("the first {})", feed_checks.MAX_TOPICS),
        ("have {} GB and", machine_checks.LOW_BYTES // 1024**3),
        ("GB and {} files", machine_checks.LOW_FILES),
        ("less than {} MB", machine_checks.FULL_BYTES // 1024**2),
        ("at most {} requests", client.MAX_REQUESTS),
        ("requests within {} s", client.RUN_SECONDS),
        ("waits at most {} s", client.REQUEST_SECONDS),
        ("reads at most {} MiB", client.MAX_BODY_BYTES // 1024**2),
    ],
    "how-to/deploy.md": [
        ("no heartbeat for {} s", granian_server.MAX_MISSED_HEARTBEATS * granian_server.HEARTBEAT_SECONDS),
        ("with one request for {} s", granian_worker.HUNG_SECONDS),
        ("doubles from {} s", granian_server.FIRST_DELAY_SECONDS),
        (" s to {} s, until", granian_server.MAX_DELAY_SECONDS),
    ],
    "explanation/speed.md": [
        ("is bounded: {} addresses", response_cache.MAX_ADDRESSES),
        ("each at most {} characters", response_cache.MAX_LENGTH),
        ("checks every {} ms", refresher.TICK_SECONDS * 1000),
        ("Each document counts {} KiB more", OVERHEAD // 1024),
        ("accepts {} connections", MAX_CONNECTIONS),
        ("accepts {} KiB of header fields", MAX_HEADER_BYTES // 1024),
    ],
    "explanation/testing.md": [
        ("{} pieces of hostile HTML", len(vectors())),
        ("| {} files, each with a different error", len(all_broken())),
        ("header fields of {} readers", len(tables("tests/web/clients.toml")["client"])),
        ("without and with {} that are made to be slow", len(list(bombs()))),
    ],
    "how-to/import.md": [
        ("has {} labelled articles", len(tables("tests/importing/labelled.toml")["article"])),
        ("on the {} pages in `tests/importing/pages/`", len(list((ROOT / "tests/importing/pages").glob("*.html")))),
    ],
}


@pytest.mark.parametrize("name", FACTS)
def test_numbers_are_those_of_the_code(name: str) -> None:
    text = re.sub(r"\s+", " ", page(name))
    for said, number in FACTS[name]:
        assert any(said.format(written) in text for written in (f"{number:,}", f"{number:g}")), (said, number)


def test_rules_of_http_that_are_cited_exist() -> None:
    """docs/http.md numbers its rules from 1 without a gap; tests and docs cite them as "rule N" or "rules N to M"."""
    numbers = [int(each) for each in re.findall(r"^(\d+)\. ", page("http.md"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in [*PAGES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "feedsvc").rglob("*.py")]:
        for cited in re.findall(r"docs/http\.md\D{0,20}? rules? (\d+(?:,? (?:and|to) \d+)?)", path.read_text("utf-8")):
            assert all(int(each) in numbers for each in re.findall(r"\d+", cited)), f"{path.name}: {cited}"
