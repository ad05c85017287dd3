"""Make a hub of very many repositories: `python -m benchmarks.synthetic --data-dir D --repos N`.

Rows only, by bulk statements: names, owners, cards, tags, dates and downloads as a large hub has
them, few of everything used by many; one in ten is private. There is nothing in git, so that lists,
searches, owners' pages and the home page can be measured, and a repository's own page cannot.
With `--database-url`, in that PostgreSQL; either database must be empty.
"""

import argparse
import itertools
import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.hub import TOKEN
from etabli.features.accounts import Namespace, NamespaceKind, TokenRole
from etabli.features.catalogue.counts import ALL
from etabli.features.catalogue.derived import NOTHING
from etabli.features.catalogue.index import Places
from etabli.features.catalogue.keeping import terms_of
from etabli.features.catalogue.models import IndexEntry, TagCount
from etabli.features.catalogue.reading import Reading
from etabli.features.catalogue.words import text_terms
from etabli.features.repos import Repo, RepoType
from etabli.migrations import by_hand
from etabli.settings import Settings
from etabli.site import Site

SEED = 20261126
BATCH = 5000
OWNER_SHARE, PRIVATE_SHARE = 0.05, 0.1
CARD_WORDS, VOCABULARY = 60, 30_000
NEWEST = datetime(2026, 11, 25, tzinfo=UTC)
SPAN_S = 4 * 365 * 86_400
USERS = "users"
OWN_REPOS = 300
"""Of `bench`, whom a measurement signs in as; half of them private."""

SUBJECTS = """letters mails invoices complaints claims reviews questions contracts tickets reports
recipes tweets news laws patents resumes prescriptions orders receipts forms notes chats calls maps
courriers factures réclamations demandes contrats avis plaintes rapports ordonnances""".split()
JOBS = """sort classify route detect translate summarise extract tag rank match moderate answer
trier classer orienter détecter traduire résumer extraire étiqueter répondre""".split()
PLACES = """department bank city hospital school shop court library insurer museum airport station
mairie banque hôpital école boutique tribunal bibliothèque assurance musée aéroport""".split()
BASES = """bert distilbert roberta camembert flaubert deberta electra t5 mt5 bart gpt2 mistral llama
qwen phi gemma whisper wav2vec2 vit resnet clip sdxl e5 bge minilm mpnet fasttext ngram""".split()
SIZES = "tiny mini small base large xl 1b 3b 7b 8b 13b 70b".split()
ENDS = "v1 v2 v3 ft lora gguf onnx int8 fr en multilingual uncased chat instruct demo".split()
TASKS = """text-classification text-generation token-classification question-answering translation
summarization feature-extraction sentence-similarity fill-mask zero-shot-classification
image-classification automatic-speech-recognition text2text-generation""".split()
LIBRARIES = "transformers sentence-transformers diffusers sklearn etabli peft gguf onnx".split()
LANGUAGES = "en fr de es it pt nl zh ja ar ru ko pl tr sv fi cs".split()
LICENCES = "apache-2.0 mit cc-by-4.0 cc-by-sa-4.0 llama3 gpl-3.0 other eupl-1.2".split()


@dataclass(frozen=True)
class Row:
    repo: Repo
    entry_id: int
    reading: Reading


class Maker:
    """Repositories one after the other, always the same for the same number."""

    def __init__(self, count: int) -> None:
        self._random = random.Random(SEED)
        self._count = count
        self.owners = [f"{self._name(1)}{n}" for n in range(max(10, int(count * OWNER_SHARE)))]
        self._owner_weights = list(itertools.accumulate(_zipf(len(self.owners), 0.8)))
        self._tail = [self._word() for _ in range(VOCABULARY)]
        known = [*SUBJECTS, *JOBS, *PLACES]
        self._random.shuffle(known)
        self._words = [*known, *self._tail]
        self._word_weights = list(itertools.accumulate(_zipf(len(self._words), 0.9)))
        self._weights = {
            id(pool): list(itertools.accumulate(_zipf(len(pool), 1.0)))
            for pool in (TASKS, LIBRARIES, LANGUAGES, LICENCES, self._tail)
        }

    def rows(self) -> Iterator[Row]:
        for number in range(1, self._count + 1):
            yield self._row(number)

    def _row(self, number: int) -> Row:
        draw = self._random
        type = draw.choices(list(RepoType), (70, 27, 3))[0]
        own = number <= OWN_REPOS
        owner = "bench" if own else self._one(self.owners, self._owner_weights)
        created = NEWEST - timedelta(seconds=draw.random() * SPAN_S)
        name = f"{self._name(draw.choice((2, 3, 4)))}-{number:x}"
        repo = Repo(
            key=f"{number * 2654435761 % 2**32:08x}{number:024x}",
            type=type,
            namespace=owner,
            name=name,
            full_name_key=f"{owner}/{name}".lower(),
            private=number % 2 == 0 if own else draw.random() < PRIVATE_SHARE,
            gate=None,
            is_mirror=False,
            created_at=created,
            updated_at=created + (NEWEST - created) * draw.random() ** 3,
            likes=0,
            downloads=min(int(draw.paretovariate(0.6)) - 1, 50_000_000),
        )
        return Row(repo, number, self._reading(repo))

    def _reading(self, repo: Repo) -> Reading:
        draw = self._random
        task, language, licence, library = (
            self._one(pool, self._weights[id(pool)])
            for pool in (TASKS, LANGUAGES, LICENCES, LIBRARIES)
        )
        extra = [self._one(self._tail, self._weights[id(self._tail)]) for _ in range(4)]
        metadata = {"license": licence, "language": [language], "tags": extra}
        if repo.type is RepoType.DATASET:
            metadata |= {"task_categories": [task]}
            tags = [*extra, f"language:{language}", f"license:{licence}", f"task_categories:{task}"]
        else:
            metadata |= {"pipeline_tag": task, "library_name": library}
            tags = [library, task, *extra, language, f"license:{licence}"]
        words = draw.choices(self._words, cum_weights=self._word_weights, k=CARD_WORDS)
        summary = f"{draw.choice(JOBS)} {draw.choice(SUBJECTS)} {draw.choice(PLACES)}".capitalize()
        terms = [term for text in (*tags, *words, *summary.split()) for term in _terms(text)]
        return Reading(
            repo.key, "0" * 40, metadata, list(dict.fromkeys(tags)), f"{summary}.", NOTHING, terms
        )

    def _one(self, pool: Sequence[str], weights: Sequence[float]) -> str:
        return self._random.choices(pool, cum_weights=weights)[0]

    def _name(self, parts: int) -> str:
        pools = (BASES, SUBJECTS, JOBS, SIZES, PLACES, ENDS)
        words = [self._random.choice(self._random.choice(pools)) for _ in range(parts)]
        return "-".join(words).encode("ascii", "ignore").decode()

    def _word(self) -> str:
        syllables = "ba ce di fo gu la me ni po ru sa te vi zo cha tri ment eur ine ol".split()
        return "".join(self._random.choices(syllables, k=self._random.choice((2, 3, 3, 4))))


@cache
def _terms(text: str) -> Sequence[str]:
    return text_terms(text)


def _zipf(count: int, exponent: float) -> list[float]:
    return [1 / (place + 1) ** exponent for place in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--repos", type=int, required=True)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--token", default=TOKEN, help="of bench, whom a measurement signs in as")
    given = parser.parse_args()
    started = time.perf_counter()
    make(given.data_dir, given.repos, given.database_url, given.token)
    print(f"{given.repos:,} repositories in {time.perf_counter() - started:.0f} s")


def make(data_dir: Path, count: int, database_url: str = "", token: str = "") -> None:
    """A hub with so many repositories, and a person named bench who has some of them."""
    site = Site(Settings(data_dir=data_dir, database_url=database_url))
    site.migrate()
    with site.open_hub() as hub:
        hub.accounts.register("bench", is_admin=True)
        hub.accounts.issue_token("bench", TokenRole.WRITE, "bench", secret=token or None)
    maker = Maker(count)
    load = _load_sqlite if site.database.is_sqlite else _load_postgres
    load(site, maker)
    site.close()


def _tables(maker: Maker, counts: Counter[tuple[str, str]]) -> Iterator[dict[str, list[Any]]]:
    """The rows of each table, a batch at a time; the tags of what is public are counted."""
    kind = NamespaceKind.USER.value
    people = [(one.lower(), one, kind, "", False, NEWEST) for one in maker.owners]
    yield {
        Namespace.__tablename__: people,
        USERS: [(one, None, False, None, NEWEST) for one in maker.owners],
    }
    rows = maker.rows()
    while batch := list(itertools.islice(rows, BATCH)):
        for row in batch:
            if not row.repo.private:
                counts.update((row.repo.type.value, tag) for tag in (ALL, *row.reading.tags))
        yield {
            Repo.__tablename__: [_repo_row(row.repo) for row in batch],
            IndexEntry.__tablename__: [_entry_row(row) for row in batch],
        }


_COLUMNS = {
    Namespace.__tablename__: "name_key name kind full_name private_by_default created_at",
    USERS: "name password_hash is_admin language created_at",
    Repo.__tablename__: (
        "key type namespace name full_name_key private gate is_mirror created_at updated_at "
        "downloads likes"
    ),
    IndexEntry.__tablename__: (
        "id repo_key type is_public commit_sha metadata tags summary derived terms "
        "by_updated by_created by_downloads"
    ),
    TagCount.__tablename__: "type tag count",
}


def _repo_row(repo: Repo) -> tuple[Any, ...]:
    return tuple(getattr(repo, name) for name in _COLUMNS[Repo.__tablename__].split())


def _entry_row(row: Row) -> tuple[Any, ...]:
    places = Places.of(row.entry_id, row.repo)
    said = row.reading
    return (
        row.entry_id,
        row.repo.key,
        row.repo.type.value,
        not row.repo.private,
        said.commit_sha,
        json.dumps(said.metadata),
        json.dumps(said.tags),
        said.summary,
        json.dumps(said.derived.as_json()),
        terms_of(row.repo, said),
        places.by_updated,
        places.by_created,
        places.by_downloads,
    )


# SQLite: rows first; then each order of the index, filled from its beginning to its end


def _load_sqlite(site: Site, maker: Maker) -> None:
    path = str(site.database.engine.url.database)
    counts: Counter[tuple[str, str]] = Counter()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for tables in _tables(maker, counts):
            _insert(db, tables)
        _insert(db, {TagCount.__tablename__: _count_rows(counts)})
        db.execute("PRAGMA cache_size = -200000")
        for order in ("updated", "created", "downloads"):
            table = f"catalogue_by_{order}"
            db.execute(
                f"INSERT INTO {table} (rowid, terms) "
                f"SELECT -by_{order}, terms FROM catalogue_entries ORDER BY by_{order} DESC"
            )


def _insert(db: sqlite3.Connection, tables: dict[str, list[Any]]) -> None:
    db.execute("BEGIN")
    for table, rows in tables.items():
        columns = _COLUMNS[table].split()
        names, marks = '", "'.join(columns), ", ".join("?" * len(columns))
        statement = f'INSERT INTO {table} ("{names}") VALUES ({marks})'
        db.executemany(statement, (tuple(map(_in_sqlite, row)) for row in rows))
    db.execute("COMMIT")


def _in_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return " ".join(value) if isinstance(value, list) else value


# PostgreSQL: COPY, and the index of the terms made at the end


def _load_postgres(site: Site, maker: Maker) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    with closing(site.database.engine.raw_connection()) as borrowed:
        db: Any = borrowed.driver_connection
        db.execute("DROP INDEX by_hand_catalogue_terms")
        for tables in _tables(maker, counts):
            _copy(db, tables)
        _copy(db, {TagCount.__tablename__: _count_rows(counts)})
        for statement in by_hand.UPGRADES["postgresql"]:
            if "by_hand_catalogue_terms" in statement:
                db.execute(statement)
        db.execute(
            "SELECT setval('catalogue_entries_id_seq', (SELECT max(id) FROM catalogue_entries))"
        )
        db.commit()
        db.autocommit = True
        db.execute("VACUUM ANALYZE")
        db.autocommit = False


def _copy(db: Any, tables: dict[str, list[Any]]) -> None:
    for table, rows in tables.items():
        names = '", "'.join(_COLUMNS[table].split())
        with db.cursor().copy(f'COPY {table} ("{names}") FROM STDIN') as copy:
            for row in rows:
                copy.write_row([_in_postgres(value) for value in row])
    db.commit()


def _in_postgres(value: Any) -> Any:
    return " ".join(f"'{term}'" for term in value) if isinstance(value, list) else value


def _count_rows(counts: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    return [(type, tag, count) for (type, tag), count in counts.items()]


if __name__ == "__main__":
    main()
