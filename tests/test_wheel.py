"""The sdist and the wheel: built alike everywhere, complete, and of use outside the repository, without a network."""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Final

import pytest
import requests

import feedsvc
from tests.live import environment, free_port, wait_for
from tests.tools import missing, required

ROOT: Final = Path(__file__).parent.parent
UV: Final = Path(sys.executable).with_name("uv")
RUFF: Final = Path(sys.executable).with_name("ruff")


def run(*command: str | Path, cwd: Path, status: int = 0) -> str:
    """Run a command that ends with `status`; return its output."""
    done = subprocess.run(
        command, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def tracked(folder: str = ".") -> list[str]:
    """Return the paths of the files below a folder of the checkout that are in git, or would be next."""
    found = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder, cwd=ROOT).split("\0")
    return [path for path in found if (ROOT / path).is_file()]


def copy_checkout(target: Path) -> Path:
    """Copy the files that are in git, as they are now, without git. Times and modes are new."""
    for path in tracked():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((ROOT / path).read_bytes())
    return target


def build(folder: Path) -> dict[str, str]:
    """Build the sdist, and the wheel from the sdist, into dist/. Return their digests by their names."""
    run(UV, "build", "--offline", "--no-build-isolation", "--python", sys.executable, cwd=folder)
    files = sorted((folder / "dist").glob("feedsvc-*"))
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


WHEEL: Final = f"feedsvc-{feedsvc.__version__}-py3-none-any.whl"
SDIST: Final = f"feedsvc-{feedsvc.__version__}.tar.gz"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, committed, in which everything has been built."""
    try:
        distribution("hatchling")
        distribution("uv")
    except PackageNotFoundError as error:
        missing(f"{error.name} is missing (make .venv/.test)")
    folder = copy_checkout(tmp_path_factory.mktemp("checkout"))
    author = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", "--force", cwd=folder)
    run("git", *author, "commit", "--quiet", "--no-verify", "--message", "x", cwd=folder)
    build(folder)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", ".", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    """The wheel that was built from the sdist."""
    return checkout / "dist" / WHEEL


def test_the_same_files_give_the_same_bytes(checkout: Path, tmp_path: Path) -> None:
    """In another folder, with other times and without git; and without the sdist in between."""
    other = copy_checkout(tmp_path / "other")
    (other / "feedsvc" / "routes.py").chmod(0o600)
    os.utime(other / "feedsvc" / "routes.py", (1_000_000_000, 1_000_000_000))
    first = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in (checkout / "dist").glob("feedsvc-*")}
    assert build(other) == first
    assert sorted(first) == [WHEEL, SDIST]
    assert hashlib.sha256((checkout / WHEEL).read_bytes()).hexdigest() == first[WHEEL]


def test_the_wheel_has_the_files_of_the_package_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    information = f"feedsvc-{feedsvc.__version__}.dist-info/"
    assert {name for name in names if not name.startswith(information)} == set(tracked("feedsvc"))
    assert f"{information}licenses/LICENSE" in names


def test_the_sdist_has_what_the_wheel_is_built_of(checkout: Path) -> None:
    with tarfile.open(checkout / "dist" / SDIST) as archive:
        names = {each.name.partition("/")[2] for each in archive.getmembers()}
    others = {".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    assert names == {*tracked("feedsvc"), *others}


def test_the_page_about_installation_names_this_wheel() -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    assert set(re.findall(r"feedsvc-[0-9][\w.-]*", page)) == {WHEEL}


def test_a_build_leaves_the_checkout_clean(checkout: Path) -> None:
    assert run("git", "status", "--porcelain", cwd=checkout) == ""
    run(RUFF, "check", "--no-cache", cwd=checkout)
    run(RUFF, "format", "--check", "--no-cache", cwd=checkout)


def link(site: Path, extra: str = "") -> None:
    """Link what the installed wheel requires, and nothing else, into its environment, as an installer would copy it."""
    (ours,) = distributions(name="feedsvc", path=[str(site)])
    for each in required(ours, extra):
        files = each.files or ()
        for name in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(Path(str(each.locate_file(name))))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A new virtual environment with the wheel and what it requires, without extras."""
    folder = tmp_path / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=tmp_path)
    options = ("--quiet", "--offline", "--no-index", "--no-deps", "--python", folder / "bin" / "python")
    run(UV, "pip", "install", *options, wheel, cwd=tmp_path)
    link(site_packages(folder))
    return folder


def site_packages(environment: Path) -> Path:
    """Return the folder of the packages of a virtual environment."""
    (found,) = environment.glob("lib/python*/site-packages")
    return found


@pytest.fixture
def publication(installed: Path, tmp_path: Path) -> Path:
    """A publication that `feedsvc init` made, with one article."""
    answers = ("--title", "My news", "--domain", "news.example.net", "--language", "en", "--timezone", "UTC")
    run(installed / "bin" / "feedsvc", "init", "my-news", *answers, "--topic", "energy=Energy", "--yes", cwd=tmp_path)
    return tmp_path / "my-news"


def test_it_serves_outside_the_repository(installed: Path, publication: Path) -> None:
    """A feed is polled twice: 200 with an ETag, and 304 with that."""
    command = installed / "bin" / "feedsvc"
    assert run(command, "--version", cwd=publication) == f"feedsvc, version {feedsvc.__version__}\n"
    port = free_port()
    log = publication / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [command, "serve", "--port", str(port), "--workers", "1"],
            cwd=publication,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def get(path: str, **headers: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=120)

    def is_ready() -> bool:
        assert server.poll() is None, log.read_text()
        try:
            return get("/readyz").status_code == 200
        except requests.ConnectionError:
            return False

    try:
        wait_for(is_ready, "the server is ready")
        first = get("/feeds/energy.atom")
        assert (first.status_code, first.text.count("<entry")) == (200, 1)
        second = get("/feeds/energy.atom", **{"If-None-Match": first.headers["ETag"]})
        assert (second.status_code, second.content) == (304, b"")
        page = get("/?ui=zh-Hant").text
        assert "訂閱" in page
        assert get("/static/" + page.partition("/static/")[2].partition('"')[0]).status_code == 200
    finally:
        server.terminate()
        assert server.wait(60) == 0, log.read_text()


def test_without_the_extra_import_says_what_is_missing_and_with_it_works(
    installed: Path, publication: Path, tmp_path: Path
) -> None:
    command = installed / "bin" / "feedsvc"
    text = tmp_path / "2026-03-01-text.txt"
    text.write_text("晶圓廠的機台\n\n台積電的晶圓廠有幾台機器，每一台都要人顧。\n", "utf-8")
    for each in ("import", "classify"):
        said = run(command, each, text, cwd=publication, status=2)
        assert said.startswith(
            "feedsvc: import and classify need packages that are not installed: "
            "chardet, hanzidentifier, markdownify, py3langid, readability-lxml, trafilatura (install them with: "
            f"{installed}/bin/python"
        )
        assert " -m pip install 'chardet<6,>=5' 'hanzidentifier>=1.3' " in said
        assert said.count("\n") == 1
    run(command, "check", cwd=publication)
    for marker, how in (
        ("pipx_metadata.json", "pipx inject environment 'chardet"),
        ("uv-receipt.toml", "uv pip install"),
    ):
        (installed / marker).touch()
        assert f"(install them with: {how}" in run(command, "classify", text, cwd=publication, status=2)
        (installed / marker).unlink()
    link(site_packages(installed), "import")
    assert "language zh-Hant" in run(command, "classify", text, cwd=publication)
    assert "1 written" in run(command, "import", text, "--topic", "energy", cwd=publication)
