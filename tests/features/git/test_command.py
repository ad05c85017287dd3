"""Git's own program is held within limits, and knows nothing of the machine's set-up."""

import os
import subprocess

import pytest

from etabli.features.git.command import MAX_MEMORY_KB, run_git


@pytest.fixture
def folder(tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)
    return tmp_path


def ask(folder, words, **how):
    """What a program says that git starts, and that therefore has git's limits."""
    alias = f"alias.ask=!{words}"
    done = run_git(folder, ["ask"], b"", most_cpu_s=77, settings=(alias,), **how)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().split()


def test_memory_and_time_are_limited(folder):
    assert ask(folder, "ulimit -v") == [str(MAX_MEMORY_KB)]
    assert ask(folder, "ulimit -t") == ["77"]


def test_what_can_wait_lets_everybody_go_first(folder):
    assert ask(folder, "nice", last=True) == ["19"]
    assert ask(folder, "nice") == [str(os.nice(0))]  # as this process, whatever that is


def test_the_machines_settings_count_for_nothing(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "pack.threads")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "9")
    done = run_git(folder, ["config", "pack.threads"], b"", most_cpu_s=77)
    assert done.stdout == b"1\n"
