"""The documents say what is: settings, commands and links are looked up in the code."""

import re
from pathlib import Path

import pytest

from etabli.cli import COMMANDS, load
from etabli.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name):
    page = (ROOT / "docs/hosting/README.md").read_text()
    [line] = re.findall(rf"^\| `ETABLI_{name.upper()}` \|.*$", page, re.MULTILINE)
    default = Settings.model_fields[name].default
    if isinstance(default, int | float | str) and not isinstance(default, bool) and default:
        assert f"`{default:g}`" in line if isinstance(default, float) else f"`{default}`" in line


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_exists(page):
    for line in re.findall(r"^(?:.*\| )?etabli ([a-z].*)$", page.read_text(), re.MULTILINE):
        first, *words = line.split()
        assert first in COMMANDS, f"{page}: etabli {line}"
        command = load(first)
        for word in words:
            commands = getattr(command, "commands", {})
            if not commands:
                break
            assert word in commands, f"{page}: etabli {line}"
            command = commands[word]
        options = {opt for param in command.params for opt in param.opts}
        for option in re.findall(r"(?<= )--[a-z-]+", line):
            assert option in options, f"{page}: etabli {line}"
