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
