"""A small set of questions, and a folder for a job made of it."""

import json
from pathlib import Path

import pytest

SUBJECTS = {
    "card": ("my card is lost", "the card does not work", "order a new card", "freeze the card"),
    "transfer": ("transfer is late", "cancel the transfer", "send a transfer", "transfer failed"),
    "pin": ("I forgot the pin", "change my pin", "the pin is blocked", "what is my pin code"),
}
PLACES = ("today", "in the shop", "at home", "since Monday", "please", "on my phone", "abroad")


def small_table() -> str:
    """84 rows, three labels; each row is different."""
    rows = [
        f"{text} {place},{label}"
        for label, texts in SUBJECTS.items()
        for text in texts
        for place in PLACES
    ]
    return "text,label\n" + "\n".join(rows) + "\n"


class JobFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "data").mkdir()
        self.content: dict[str, object] = {
            "recipe": "text-classification",
            "name": "small",
            "train": "data/train.csv",
            "test": None,
            "answers": None,
            "seed": 0,
            "fixes": {},
        }
        self.write("train", small_table())

    def write(self, part: str, content: str | bytes, name: str | None = None) -> Path:
        path = self.path / "data" / (name or f"{part}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.choose(**{part: f"data/{path.name}"})
        return path

    def choose(self, **choices: object) -> None:
        self.content |= choices
        (self.path / "job.json").write_text(json.dumps(self.content))

    def read(self, name: str):
        return json.loads((self.path / name).read_text("utf-8"))


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return JobFolder(tmp_path)
