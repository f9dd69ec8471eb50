"""What a user types, what comes back, and with which code; no cluster is there."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from chaos.checkers.judge import fold
from chaos.cli import main
from chaos.cli.main import COMMANDS
from chaos.cluster import undo
from chaos.cluster.access import EMBEDDED, Access
from chaos.history import reader, run
from chaos.reports import document
from tests.checkers.world import World, info
from tests.history.lines import lines

PROFILE = """
name: small
target: {statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27"]}
phases:
  - {name: one, do: [{scale: 3}], for: 3s, tasks: [{delete-pods: {pick: random}, every: 1s}]}
"""

NOWHERE = """
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
"""


def ended(args: Sequence[str | Path]) -> int:
    """The exit code, whichever way the command gives it."""
    try:
        return main([str(arg) for arg in args])
    except SystemExit as done:
        return int(done.code or 0)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(PROFILE)
    return file


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A kubeconfig whose server is not there."""
    file = tmp_path / "nowhere.conf"
    file.write_text(NOWHERE)
    return file


def recorded(folder: Path, **changes: str) -> None:
    """A run of one pod, on disk as a run leaves it; a changed `hostname` is a violation."""
    world = World()
    world.create_set(1)
    world.create_pod(0, "a", **changes)
    world.end()
    folder.mkdir()
    run.write(folder, info(require=("identity.pod",), judge=("identity",)))
    (folder / reader.FILE).write_bytes(b"".join(lines(world.entries)))


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["--help"]) == 0

    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown and text in shown for name, text in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended([name, "--help"]) == 0
    assert f"chaos-sts {name}" in capsys.readouterr().out


@pytest.mark.parametrize("args", [["nonsense"], ["run"], ["run", "tutorial", "--nonsense"], ["check", "/nowhere"]])
def test_wrong_usage_is_2_and_no_traceback(args: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(args) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_without_a_cluster_a_preflight_says_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["preflight"]) == 2
    assert "--context NAME, --kubeconfig FILE or --in-cluster" in capsys.readouterr().err


def test_what_ran_on_the_embedded_cluster_needs_no_undo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undo.record(tmp_path, undo.intend(EMBEDDED, "uid", "ab12", "chaos-sts-ab12"))

    assert ended(["undo", tmp_path]) == 0
    assert "nothing to undo" in capsys.readouterr().out


def test_every_mistake_of_a_profile_is_a_line(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile.write_text(PROFILE.replace("scale: 3", "scale: many").replace("every: 1s", "every: 1 parsec"))

    assert ended(["run", profile, "--dry-run"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{profile}:5: ") and "expected" in line for line in lines)


@pytest.mark.parametrize("setting", ["target.replicas", "=7"])
def test_a_setting_without_path_or_value_is_wrong_usage(
    profile: Path, setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["run", profile, "--dry-run", "--set", setting]) == 2
    assert "expected PATH=VALUE" in capsys.readouterr().err


def test_a_dry_run_shows_what_the_seed_draws_and_touches_nothing(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    shown = []
    for seed in ("7", "7", "8"):
        assert ended(["run", profile, "--dry-run", "--seed", seed]) == 0
        shown.append(capsys.readouterr().out)

    assert "scale to 3" in shown[0]
    assert shown[0].count("delete pod of rank") == 3
    assert shown[0] == shown[1] != shown[2]
    assert sorted(tmp_path.iterdir()) == before


def test_how_long_and_what_can_be_set_from_outside(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["run", profile, "--dry-run", "--for", "5s", "--set", "phases[0].do[0].scale=6"]) == 0

    shown = capsys.readouterr().out
    assert shown.count("delete pod of rank") == 5
    assert "scale to 6" in shown


def test_a_refused_connection_is_one_line_and_leaves_no_folder(
    profile: Path, nowhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["run", profile, "--kubeconfig", nowhere, "--out", tmp_path / "out"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("chaos-sts: the cluster does not answer")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [["run", "tutorial"], ["preflight"]])
def test_a_kubeconfig_that_is_not_there_is_one_line(
    command: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert ended([*command, "--kubeconfig", "none.conf"]) == 2
    assert capsys.readouterr().err == f"chaos-sts: no kubeconfig at {tmp_path}/none.conf\n"


def test_a_folder_that_holds_a_run_is_not_written_over(
    profile: Path, nowhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "history.jsonl").write_text("kept")

    assert ended(["run", profile, "--kubeconfig", nowhere, "--out", tmp_path]) == 2
    assert "already holds a recorded run" in capsys.readouterr().err
    assert (tmp_path / "history.jsonl").read_text() == "kept"


def test_check_judges_again_and_writes_the_report_if_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    recorded(folder)

    assert ended(["check", folder]) == 0

    report = fold(run.read(folder), reader.read(folder / reader.FILE))
    assert (folder / document.FILE).read_bytes() == document.encode(report)
    assert "identity.pod" in capsys.readouterr().out


def test_check_leaves_a_report_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    recorded(folder)
    (folder / document.FILE).write_text("mine")

    assert ended(["check", folder]) == 0
    assert (folder / document.FILE).read_text() == "mine"


def test_check_ends_with_1_at_a_violation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(tmp_path / "run", hostname="wrong")

    assert ended(["check", tmp_path / "run"]) == 1
    assert "hostname is 'wrong', expected 'web-0'" in " ".join(capsys.readouterr().out.split())


def test_report_shows_what_check_showed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(tmp_path / "run")

    ended(["check", tmp_path / "run"])
    checked = capsys.readouterr().out
    ended(["report", tmp_path / "run"])

    assert capsys.readouterr().out == checked


@pytest.mark.parametrize(("command", "words"), [("check", "no recorded run"), ("report", "no report")])
def test_a_folder_without_a_run_is_one_line(
    command: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended([command, tmp_path]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_run_that_created_nothing_has_nothing_to_undo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["undo", tmp_path]) == 0
    assert capsys.readouterr().out == "nothing to undo\n"


def test_an_undo_needs_no_options_and_says_what_stays(
    nowhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undo.record(tmp_path, undo.intend(Access(kubeconfig=str(nowhere)), "", "r1", "chaos-sts-r1"))

    assert ended(["undo", tmp_path]) == 3
    assert "namespace chaos-sts-r1 is still there" in capsys.readouterr().err


def test_shipped_profiles_are_listed_shown_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["profiles", "list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"tutorial", "stress", "canary"} <= set(names)
    assert ended(["profiles", "validate", *names]) == 0
    assert ended(["profiles", "show", "tutorial"]) == 0
    assert "name: tutorial" in capsys.readouterr().out


def test_validate_tells_of_every_file(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["profiles", "validate", "tutorial", profile, "nonsense"]) == 2

    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["tutorial: ok", f"{profile}: ok"]
    assert shown.err.startswith("nonsense: no such profile")


def test_a_guarantee_is_explained_and_a_family_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["guarantees", "ordering.create-gate"]) == 0
    one = capsys.readouterr().out
    assert ended(["guarantees", "ordering"]) == 0
    family = capsys.readouterr().out

    assert all(label in one for label in ("promise", "source", "exercised", "violated", "unknown"))
    assert one.strip() in family
    assert ended(["guarantees", "nonsense"]) == 2


def test_an_error_of_ours_is_4(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(text: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("click.echo", lambda *args, err=False, **named: None if err else broken(""))

    assert ended(["guarantees"]) == 4


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("./cluster {verb}", "{component} missing"),
        ("./cluster", "{verb} and {component} missing"),
        ("./cluster '{verb} {component}", "No closing quotation"),
        ("./cluster {verb} {component}", "the embedded one has faults of its own"),
    ],
)
def test_how_to_inflict_faults_is_said_in_full_and_only_for_a_real_cluster(
    command: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["run", "stress", "--out", tmp_path / "run", "--fault-command", command]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (tmp_path / "run").exists()
