"""deploy/Containerfile and deploy/compose.yaml: what they promise. `test_image.py` builds the image and runs it."""

import json
import re
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from packaging.utils import canonicalize_name

from tests.tools import required

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))


def stages() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage, without comments: name and arguments."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    found: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, lines):
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, arguments.strip()))
    return found[1:]


BUILD, FINAL = stages()


def values(name: str) -> list[str]:
    """Return the arguments of each instruction of this name in the final stage."""
    return [arguments for each, arguments in FINAL if each == name]


def test_dependencies_are_those_of_the_lock_file_with_their_hashes() -> None:
    install, own = re.findall(r"pip install ([^&\n]*)", "\n".join(arguments for _, arguments in BUILD))
    assert {"--require-hashes", "--no-deps"} <= set(install.split())
    assert install.endswith("--requirement requirements.lock")
    assert {"--no-deps", "--no-build-isolation", "--no-index"} <= set(own.split())


def test_the_final_layer_has_no_build_tools() -> None:
    packages = re.findall(r"install --yes --no-install-recommends ([^&]*)", "\n".join(values("RUN")))
    assert [each.split() for each in packages] == [["python3"]]
    assert values("COPY") == ["--from=build /opt/feedsvc /opt/feedsvc"]
    assert not any("pip" in each for each in values("RUN"))
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    extras = ("import", "postgresql", "s3")
    needed = {canonicalize_name(each.name) for extra in extras for each in required(distribution("feedsvc"), extra)}
    (removed,) = re.findall(r"pip uninstall --yes ([^&\\]*)", "\n".join(arguments for _, arguments in BUILD))
    assert set(removed.split()) == {*locked, "pip"} - needed


def test_it_runs_as_a_user_who_owns_only_the_state() -> None:
    assert values("USER") == ["10001:10001"]
    assert values("VOLUME") == ['["/state"]']
    assert values("STOPSIGNAL") == ["SIGINT"]
    assert re.findall(r"--owner 10001 --group 10001 --mode (\d+) (\S+)", values("RUN")[0]) == [("0750", "/state")]
    assert values("ENTRYPOINT") == ['["feedsvc"]']


def test_it_says_whether_it_is_well() -> None:
    (check,) = values("HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[0] == "python3"
    compile(command[2], "HEALTHCHECK", "exec")
    assert "/readyz" in command[2]


def test_only_what_the_image_needs_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {name for each, arguments in BUILD if each == "COPY" for name in arguments.split()[:-1]}
    assert lines[0] == "*"
    assert sent == {name.removeprefix("./") for name in copied}
    assert all((ROOT / name).exists() for name in sent)


def test_compose_is_valid() -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text("utf-8"))
    validator = Draft7Validator(schema)
    validator.validate(COMPOSE)
    assert not validator.is_valid({**COMPOSE, "services": {"feedsvc": {"readonly": True}}})


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_each_service_is_confined(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert {"mem_limit", "tmpfs"} <= set(service)
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])


def test_compose_names_what_exists() -> None:
    feedsvc, caddy = COMPOSE["services"]["feedsvc"], COMPOSE["services"]["caddy"]
    assert (ROOT / "deploy" / feedsvc["build"]["context"] / feedsvc["build"]["dockerfile"]).is_file()
    assert "ports" not in feedsvc
    assert COMPOSE["networks"][feedsvc["networks"][0]] == {"internal": True}
    # A delivery worker that reaches no subscriber would fail all deliveries.
    assert "outside" in feedsvc["networks"]
    for volume in feedsvc["volumes"] + caddy["volumes"]:
        source = re.sub(r"\$\{\w+:-(.+?)\}", r"\1", volume).partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / "deploy" / source).exists(), volume
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    assert set(re.findall(r"\{\$(\w+)", caddyfile)) == set(caddy["environment"])
