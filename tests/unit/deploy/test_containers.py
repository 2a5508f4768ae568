"""Image, Compose and workflow: by their published schemas, and by what must hold for whoever runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.services import load_services

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
WORKFLOW = ROOT / ".github" / "workflows" / "check.yml"
RELEASE = WORKFLOW.with_name("release.yml")
PACKAGES = ("agents", "config", "crews", "desk", "memory", "ops", "tools", "ui")


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.compose-spec", DEPLOY / "compose.yaml"),
        ("vendor.github-workflows", WORKFLOW),
        ("vendor.github-workflows", RELEASE),
    ],
    ids=["compose", "workflow", "release"],
)
def test_it_is_of_its_published_schema(schema: str, file: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_runs_is_locked_and_neither_root_nor_able_to_build() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    build, run = text.split("\nFROM python:${PYTHON}\n")
    syncs = re.findall(r"uv sync (.*)", build)
    assert syncs
    assert all("--locked" in one and "--no-dev" in one for one in syncs)
    assert "uv" not in run.replace("/opt/crewdesk", "")
    assert re.findall(r"^USER (\S+)", run, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in run
    assert not re.search(r"^ADD ", text, re.MULTILINE)


def test_the_image_holds_every_package_and_nothing_unnamed() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    let_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == set(PACKAGES)
    assert let_in == copied | {"pyproject.toml", "uv.lock", "README.md", "LICENSE"}


def test_every_service_is_shut_watched_and_bounded_in_its_logs() -> None:
    for name, one in compose()["services"].items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["logging"]["options"]["max-size"], name
        assert name == "desk" or "healthcheck" in one, name
        assert one["mem_limit"], name


def test_the_desk_may_be_restarted_or_built_anew_and_the_way_to_it_stays() -> None:
    services = compose()["services"]
    sharing = {name for name, one in services.items() if one.get("network_mode") == "service:house"}
    assert sharing == {"desk", "door", "prometheus"}
    assert all("ports" not in services[name] for name in sharing)
    assert all(services[name]["depends_on"]["house"]["restart"] is True for name in sharing)
    # It does nothing that could end, and needs no image that the desk does not need.
    assert services["house"]["entrypoint"] == ["sleep", "infinity"]
    assert services["house"]["image"] == services["desk"]["image"]
    [source] = (DEPLOY / "grafana" / "provisioning" / "datasources").glob("*.yaml")
    assert yaml.safe_load(source.read_text())["datasources"][0]["url"] == "http://house:9090"


def test_the_image_that_ran_before_is_named_and_not_built_again() -> None:
    assert compose()["services"]["desk"]["image"] == "${CREWDESK_IMAGE:-crewdesk}:${CREWDESK_VERSION:-local}"
    named = dict(line.split("=") for line in (DEPLOY / ".env.example").read_text().splitlines() if "=" in line)
    assert (named["CREWDESK_IMAGE"], named["CREWDESK_VERSION"]) == ("crewdesk", "local")
    jobs = yaml.safe_load(RELEASE.read_text())["jobs"]
    assert jobs["publish"]["needs"] == "check"
    assert not any("build-push" in str(step) for step in jobs["back"]["steps"])


def test_nothing_is_heard_beyond_this_machine_and_no_secret_stands_in_the_file() -> None:
    told = compose()
    ports = [port for one in told["services"].values() for port in one.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    given = [value for one in told["services"].values() for value in (one.get("environment") or {}).items()]
    assert [name for name, value in given if "PASSWORD" in name and not str(value).startswith("/run/secrets/")] == []


def test_what_compose_mounts_is_there() -> None:
    mounts = [str(one) for service in compose()["services"].values() for one in service.get("volumes", ())]
    own = [one.split(":")[0] for one in mounts if one.startswith("./")]
    assert [one for one in own if not (DEPLOY / one).exists()] == []


def test_the_desk_of_compose_is_shown_where_its_door_stands() -> None:
    services = load_services(DEPLOY / "config")
    port = int(compose()["services"]["house"]["ports"][0].split(":")[1])
    assert services.console.public == f"https://localhost:{port}"
    caddy = (DEPLOY / "caddy" / "Caddyfile").read_text()
    assert f"{services.console.public} {{" in caddy
    assert f"reverse_proxy {services.console.host}:{services.console.port}" in caddy


def test_the_desk_of_compose_keeps_up_what_the_package_does() -> None:
    shipped, packaged = load_services(DEPLOY / "config"), load_services()
    assert shipped.ordered == packaged.ordered
    assert (shipped.restarts, shipped.logs) == (packaged.restarts, packaged.logs)


def test_the_workflow_runs_the_whole_check_and_may_only_read() -> None:
    told = yaml.safe_load(WORKFLOW.read_text())
    assert told["permissions"] == {"contents": "read"}
    steps = [str(step.get("run", "")) for job in told["jobs"].values() for step in job["steps"]]
    assert any(".ci/run" in step for step in steps)
    assert any("--network none" in step and "kickoff" in step for step in steps)


def test_a_release_is_checked_by_the_same_workflow_and_writes_packages_alone() -> None:
    told = yaml.safe_load(RELEASE.read_text())
    assert told["permissions"] == {"contents": "read"}
    assert told["jobs"]["check"]["uses"] == "./.github/workflows/check.yml"
    granted = [set(job.get("permissions", {}).items()) for job in told["jobs"].values()]
    assert {one for grants in granted for one in grants if one[1] == "write"} == {("packages", "write")}
    # What somebody typed reaches a shell as a variable, never as a part of its text.
    said = [str(step.get("run", "")) for job in told["jobs"].values() for step in job.get("steps", ())]
    assert [one for one in said if "inputs" in one] == []
