"""What make demo says on a machine that lacks something it needs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from snippets import ROOT

TOOLS = ("sh", "dirname", "df", "awk", "grep", "tail", "mktemp", "rm", "sed", "cat", "env", "sha256sum")


@pytest.fixture
def bare(tmp_path):
    """A PATH with the system's tools, and neither Go nor Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def check(path, folder, **env):
    # A place where nothing has been made, so that everything is needed.
    done = subprocess.run(
        [ROOT / "jupyter/python/check.sh", folder / "none"],
        env={k: v for k, v in os.environ.items() if not k.startswith("PIP_")} | {"PATH": str(path)} | env,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines()


def test_missing_go_and_python_are_named_together(bare, tmp_path):
    status, said = check(bare, tmp_path, PYTHON="python3.no")
    assert status == 2
    assert [line.split(":")[0] for line in said] == ["go", "python"], said
    assert all("install" in line for line in said), "each gap comes with its remedy"


def test_an_old_go_is_named(bare, tmp_path):
    go = bare / "go"
    go.write_text('#!/bin/sh\n[ "$2" = GOVERSION ] && echo go1.19.8\n')
    go.chmod(0o755)
    _, said = check(bare, tmp_path, PYTHON="python3.no")
    assert said[0].startswith("go: go1.19.8 is too old"), said


def test_python_without_venv_is_passed_over(bare, tmp_path):
    python = bare / "python3"
    python.write_text('#!/bin/sh\necho "No module named ensurepip" >&2\nexit 1\n')
    python.chmod(0o755)
    _, said = check(bare, tmp_path, PYTHON="python3")
    assert any("python3-venv" in line for line in said), said


def test_an_index_out_of_reach_is_named(tmp_path):
    # Port 9 discards, if anybody listens there at all.
    status, said = check(os.environ["PATH"], tmp_path, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_CONFIG_FILE=os.devnull)
    assert status == 2
    assert len(said) == 1 and said[0].startswith("package index:"), said
    assert "JUPYTER=system" in said[0]


def test_nothing_is_said_where_all_is_there(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / ".lock").write_text("made\n")
    done = subprocess.run([ROOT / "jupyter/python/check.sh", made], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_environment_is_made_again_when_its_lock_changes(tmp_path):
    script, lock, folder = ROOT / "jupyter/python/environment.sh", tmp_path / "lock.txt", tmp_path / "env"
    lock.write_text("")
    first = subprocess.run([script, folder, lock], capture_output=True, text=True, check=True)
    assert "environment:" in first.stdout and (folder / "bin" / "python").exists()
    again = subprocess.run([script, folder, lock], capture_output=True, text=True, check=True)
    assert again.stdout == "", "a whole environment costs nothing"
    lock.write_text("\n# changed\n")
    changed = subprocess.run([script, folder, lock], capture_output=True, text=True, check=True)
    assert "environment:" in changed.stdout


def test_environment_refuses_what_has_no_hash(tmp_path):
    lock, folder = tmp_path / "lock.txt", tmp_path / "env"
    lock.write_text("six==1.17.0\n")
    done = subprocess.run([ROOT / "jupyter/python/environment.sh", folder, lock], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "hash" in done.stderr
    assert not Path(folder / ".lock").exists(), "what failed is not taken for whole"
