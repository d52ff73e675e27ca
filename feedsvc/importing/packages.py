"""The packages of the extra `import` (pyproject.toml), which an installation for serving alone does not have."""

import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from feedsvc.errors import ConfigError

_MARKER = "extra=='import'"


def check_packages() -> None:
    """Raise ConfigError where packages of the extra are missing, with the command that installs them."""
    missing = [each for each in _requirements() if not _is_installed(each)]
    if not missing:
        return
    names = ", ".join(map(_name, missing))
    command = f"{_installer()} {shlex.join(missing)}"
    raise ConfigError(
        f"import and classify need packages that are not installed: {names} "
        f"(install them with: {command}; docs/how-to/install.md tells how to install feedsvc[import] at once)"
    )


def _requirements() -> list[str]:
    """Return the requirements of the extra as pip takes them, such as "markdownify>=1.2"."""
    try:
        found = requires("feedsvc") or []
    except PackageNotFoundError:  # the modules are on sys.path, and no installation describes them
        return []
    parts = [each.partition(";") for each in found]
    return [
        requirement.strip() for requirement, _, marker in parts if marker.replace(" ", "").replace('"', "'") == _MARKER
    ]


def _is_installed(requirement: str) -> bool:
    try:
        version(_name(requirement))
    except PackageNotFoundError:
        return False
    return True


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _installer() -> str:
    """Return the command that installs packages beside feedsvc: pipx and uv leave a file in what they make."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx inject {prefix.name}"
    if (prefix / "uv-receipt.toml").exists():
        return f"uv pip install --python {shlex.quote(sys.executable)}"
    return f"{shlex.quote(sys.executable)} -m pip install"
