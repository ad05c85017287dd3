"""Every command is where it is said to be; none imports what only serving needs."""

import subprocess
import sys

import pytest

from etabli.cli import COMMANDS, load

ONLY_TO_SERVE = ("fastapi", "uvicorn", "jinja2")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from etabli.cli import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_found_with_its_help(name):
    assert load(name).help


def test_the_list_names_all_and_imports_none():
    done = run("--help")
    assert all(name in done.stdout for name in COMMANDS)
    assert "sqlalchemy" not in done.stderr.split()


@pytest.mark.parametrize("words", [["users", "--help"], ["doctor", "--help"], ["ask", "--help"]])
def test_what_does_not_serve_imports_no_web_server(words):
    done = run(*words)
    assert done.returncode == 0
    assert not set(ONLY_TO_SERVE) & set(done.stderr.split())


def test_the_version_is_told():
    done = run("--version")
    assert done.stdout.startswith("etabli 0.")


def test_a_group_of_one_command_is_a_group():
    assert run("tokens", "add", "--help").returncode == 0


def test_a_name_that_is_none_is_refused():
    done = run("doktor")
    assert done.returncode == 2
    assert "doctor" in done.stderr
