"""feedsvc export as a command."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from tests.conftest import SITE_TOML, Publication


@pytest.mark.parametrize("base_url", ["https://example.org", "http://127.0.0.1:8000"])
def test_an_address_of_this_machine_is_named(publication: Publication, tmp_path: Path, base_url: str) -> None:
    publication.write("site.toml", SITE_TOML.replace("https://example.org", base_url))
    publication.article("one", "Text.")
    publication.sync()
    settings = publication.settings
    places = ["--content", str(settings.content), "--store", str(settings.store)]
    done = CliRunner().invoke(main, ["export", str(tmp_path / "out"), *places])
    assert done.exit_code == 0
    assert ("set base_url in site.toml" in done.stderr) == (base_url == "http://127.0.0.1:8000")
    assert "written" in done.stdout
    assert base_url in (tmp_path / "out/feeds/all.atom").read_text("utf-8")


@pytest.mark.parametrize(("count", "hosts"), [(100, []), (101, ["Cloudflare"]), (1001, ["Cloudflare", "GitLab"])])
def test_hosts_that_do_not_take_all_redirects_are_named(
    publication: Publication, tmp_path: Path, count: int, hosts: list[str]
) -> None:
    rows = "".join(f'"/old-{number}/*" = "/"\n' for number in range(count))
    publication.write("site.toml", f"{SITE_TOML}[redirects]\n{rows}")
    publication.article("one", "Text.")
    publication.sync()
    settings = publication.settings
    places = ["--content", str(settings.content), "--store", str(settings.store)]
    done = CliRunner().invoke(main, ["export", str(tmp_path / "out"), *places])
    assert done.exit_code == 0
    notes = [line for line in done.stderr.splitlines() if "_redirects" in line]
    assert [host for line in notes for host in ("Cloudflare", "GitLab") if host in line] == hosts
    assert all("(remove aliases and [redirects]" in line for line in notes)
    lines = (tmp_path / "out/_redirects").read_text("utf-8").splitlines()
    assert [row for row in lines if row.startswith("#")] == [f"# {line.partition('_redirects: ')[2]}" for line in notes]


@pytest.mark.parametrize(
    ("base_url", "fault"),
    [
        ("https://example.org/", ""),
        (
            "https://other.example/news",
            "the store was made for https://example.org, not for https://other.example/news",
        ),
        ("nonsense", "FEEDSVC_BASE_URL or --base-url: "),
    ],
)
def test_the_links_of_another_address_are_not_exported(
    publication: Publication, tmp_path: Path, base_url: str, fault: str
) -> None:
    """Links in texts are absolute since the sync: the export cannot change them."""
    publication.article("one", "Text.")
    publication.sync()
    settings = publication.settings
    places = ["--content", str(settings.content), "--store", str(settings.store)]
    done = CliRunner().invoke(main, ["export", str(tmp_path / "out"), *places, "--base-url", base_url])
    assert done.exit_code == (2 if fault else 0)
    assert fault in done.stderr
    assert (tmp_path / "out/index.html").exists() == (not fault)
