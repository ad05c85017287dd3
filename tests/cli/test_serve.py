"""`etabli serve` as an operator meets it: in a process of its own."""

import re
import socket
import sqlite3
import subprocess
import sys

import httpx
import pytest

from tests.trust.hub_process import HubProcess, etabli, run


@pytest.fixture
def hub_process(tmp_path):
    process = HubProcess(tmp_path / "data")
    yield process
    if process.is_up:
        process.kill()


def fails(*words):
    """The exit code and the words of a command that cannot start."""
    code, _, errors = run(*words)
    assert "Traceback" not in errors
    return code, errors


def test_the_first_start_prints_the_set_up_address_and_later_ones_do_not(hub_process):
    url = hub_process.start()
    printed = hub_process.log.read_text()
    (address,) = re.findall(rf"{url}/setup\?token=[\w-]+", printed)
    assert str(hub_process.data_dir) in printed
    assert httpx.get(address).status_code == 200
    hub_process.stop()
    assert not (hub_process.data_dir / "server.json").exists()
    etabli(hub_process.data_dir, "users", "add", "alice", "--no-password")
    hub_process.log.write_text("")
    hub_process.start()
    assert "setup" not in hub_process.log.read_text()


def test_a_second_server_of_one_folder_is_refused(hub_process):
    url = hub_process.start()
    code, said = fails("serve", "--port", "0", "--data-dir", str(hub_process.data_dir))
    assert code == 2
    assert url in said


def test_a_port_in_use_is_told_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = fails("serve", "--port", port, "--data-dir", str(tmp_path))
    assert code == 2
    assert f"Port {port}" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_here_is_told(tmp_path, host):
    code, said = fails("serve", "--host", host, "--port", "0", "--data-dir", str(tmp_path))
    assert code == 2
    assert "--host" in said


def test_a_newer_database_is_left_alone(tmp_path):
    etabli(tmp_path, "users", "add", "alice", "--no-password")
    with sqlite3.connect(tmp_path / "etabli.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    code, said = fails("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert code == 2
    assert "newer version" in said


def test_the_commands_tell_what_they_are(tmp_path):
    command = [sys.executable, "-c", "from etabli.cli import main; main()", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for word in ("serve", "worker", "users", "orgs", "tokens", "doctor", "backup", "restore"):
        assert word in done.stdout


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hub",
        "https://example.org/hub/",
        "https://example.org?x",
        "https://user:secret@",
        "example.org",
        "ftp://example.org",
        "https://[::1",
        "https://example.org:port",
    ],
)
def test_a_public_address_that_is_no_whole_site_is_refused(tmp_path, monkeypatch, url):
    monkeypatch.setenv("ETABLI_PUBLIC_URL", url)
    code, said = fails("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    assert code == 2
    assert "ETABLI_PUBLIC_URL" in said
    assert "with no path" in said
    assert not (tmp_path / "data").exists()
