import sys

import pytest
from typer.testing import CliRunner

from etabli.cli import app
from etabli.cli.terminal import give_up
from etabli.foundation.errors import EtabliError


class Operator:
    """Somebody at a terminal, with one data folder."""

    def __init__(self, data_dir, capsys):
        self.data_dir = data_dir
        self._capsys = capsys

    def runs(self, *words, given=None):
        """Run a command that must succeed; what it prints."""
        code, out, err = self.tries(*words, given=given)
        assert code == 0, out + err
        return out.strip()

    def tries(self, *words, given=None):
        """Run a command; its exit code, and what it prints on either output."""
        runner = CliRunner()
        arguments = [*words, "--data-dir", str(self.data_dir)]
        result = runner.invoke(app, arguments, input=given)
        if isinstance(result.exception, EtabliError):
            with pytest.raises(SystemExit) as ended:
                give_up(result.exception)
            return ended.value.code, result.stdout, self._capsys.readouterr().err
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def operator(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ETABLI_DATABASE_URL", raising=False)
    assert sys.stdin is not None
    return Operator(tmp_path / "hub", capsys)
