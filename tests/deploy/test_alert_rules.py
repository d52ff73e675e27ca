"""deploy/feedsvc.rules.yml, tried by promtool: which series raise which alerts, and when."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.tools import program

RULES = Path(__file__).parent.parent.parent / "deploy" / "feedsvc.rules.yml"
NODE = 'job="feedsvc", instance="web-1"'
UP = f"up{{{NODE}}}"
WELL = {UP: "1x30", f"feedsvc_writer_last_seen_seconds{{{NODE}}}": "2x30", f"feedsvc_node_store_ok{{{NODE}}}": "1x30"}
BEHIND = f"feedsvc_node_seconds_behind{{{NODE}}}"
STANDBY = f"feedsvc_node_standby_seconds_behind{{{NODE}}}"
AWAY = {UP: "1x30", f"feedsvc_node_store_ok{{{NODE}}}": "0x30", BEHIND: "0+60x30"}
CASES: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {
    "all is well": (WELL | {BEHIND: "0x30", STANDBY: "1x30"}, {"20m": []}),
    # The writer is unknown then, which is no writer that never ran.
    "the database is away": (AWAY, {"0m": [], "2m": ["FeedsvcNodeStoreAway"], "20m": ["FeedsvcNodeStoreAway"]}),
    "no writer has run": (
        {UP: "1x30", f"feedsvc_node_store_ok{{{NODE}}}": "1x30"},
        {"5m": [], "11m": ["FeedsvcWriterAbsent"]},
    ),
    "a node lags": (WELL | {BEHIND: "0+60x30"}, {"2m": [], "4m": ["FeedsvcNodeBehind"]}),
    "the standby of the database lags": (WELL | {STANDBY: "120x30"}, {"4m": [], "6m": ["FeedsvcStandbyBehind"]}),
    "the standby of the database catches up": (WELL | {STANDBY: "120x3 0x30"}, {"10m": []}),
    "no standby takes over": (
        WELL | {f'feedsvc_writer_problem{{{NODE}, problem="standby"}}': "1x30"},
        {"4m": [], "6m": ["FeedsvcNoStandby"]},
    ),
    "the service is down": ({UP: "0x30"}, {"1m": [], "3m": ["FeedsvcDown"]}),
}


def promtool(*arguments: str) -> str:
    """Run promtool, and return what it prints."""
    command = [program("promtool", "prometheus"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_can_read_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(RULES))


@pytest.mark.parametrize("name", CASES)
def test_alerts(tmp_path: Path, name: str) -> None:
    """No other alert than those that are named is raised."""
    series, expected = CASES[name]
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    rules = {rule["alert"]: rule for rule in group["rules"]}
    assert {each for raised in expected.values() for each in raised} <= rules.keys()
    # The name and the severity are compared by a query, whose result has no annotations.
    queries = [
        {
            "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
            "eval_time": at,
            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in raised],
        }
        for at, raised in expected.items()
    ]
    tests = [{"interval": "1m", "input_series": [{"series": key, "values": value} for key, value in series.items()]}]
    tests[0]["promql_expr_test"] = queries
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}), "utf-8")
    assert "SUCCESS" in promtool("test", "rules", str(file))
