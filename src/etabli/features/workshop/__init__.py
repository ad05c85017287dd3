"""Workshop: make a small model from one's own data, know how good it is, publish it.

Owns: runs and their folders, the cards drafted from facts. The recipes themselves are programs of
the engine, run as child processes that read and write a run's folder.
May use: the foundation, and every feature below.
Words: a *recipe* is a kind of AI, and how it is made; a *run* is one execution of it; a *table* is
what it is made from; a *reply* is what an assistant says for a label.
"""

from etabli.features.workshop.advice import Advice, Use
from etabli.features.workshop.brought import arrange, holds_documents
from etabli.features.workshop.checking import CheckedTable, inspect_files, make, reinspect_files
from etabli.features.workshop.encoders import KNOWN as KNOWN_ENCODERS
from etabli.features.workshop.encoders import LARGEST_SOURCE_BYTES, encoder_card
from etabli.features.workshop.encoders import WANTED as WANTED_OF_AN_ENCODER
from etabli.features.workshop.encoders import convert as convert_encoder
from etabli.features.workshop.encoders import fetch as fetch_encoder
from etabli.features.workshop.encoders import unpack as unpack_encoder
from etabli.features.workshop.errors import (
    BadEncoderError,
    BadTableError,
    EncoderNotFetchedError,
    NoTableError,
    PersonalDataShownError,
    RecipeFailedError,
    RunNotFoundError,
    TableTooLargeError,
    TooMuchMemoryError,
    TooSlowError,
    UnknownFixError,
    UnknownKindError,
    UnknownPreferenceError,
    WrongStateError,
)
from etabli.features.workshop.evaluation import EnergyOf, advise, find_energy, find_exam
from etabli.features.workshop.events import RunDeleted, RunQueued
from etabli.features.workshop.folders import RunFolders
from etabli.features.workshop.models import (
    DataSource,
    InputFiles,
    PersonalData,
    PlannedRepo,
    Progress,
    Publication,
    PublicationPlan,
    Run,
    RunOptions,
    RunState,
    ShownRow,
    read_source,
)
from etabli.features.workshop.recipes import NO_FIXES, Recipe, recipe_of
from etabli.features.workshop.rows import RawTable, TableChoice, read_rows
from etabli.features.workshop.service import Workshop
from etabli.features.workshop.telling import correction_words, result_words, understood_words

__all__ = [
    "KNOWN_ENCODERS",
    "LARGEST_SOURCE_BYTES",
    "NO_FIXES",
    "WANTED_OF_AN_ENCODER",
    "Advice",
    "BadEncoderError",
    "BadTableError",
    "CheckedTable",
    "DataSource",
    "EncoderNotFetchedError",
    "EnergyOf",
    "InputFiles",
    "NoTableError",
    "PersonalData",
    "PersonalDataShownError",
    "PlannedRepo",
    "Progress",
    "Publication",
    "PublicationPlan",
    "RawTable",
    "Recipe",
    "RecipeFailedError",
    "Run",
    "RunDeleted",
    "RunFolders",
    "RunNotFoundError",
    "RunOptions",
    "RunQueued",
    "RunState",
    "ShownRow",
    "TableChoice",
    "TableTooLargeError",
    "TooMuchMemoryError",
    "TooSlowError",
    "UnknownFixError",
    "UnknownKindError",
    "UnknownPreferenceError",
    "Use",
    "Workshop",
    "WrongStateError",
    "advise",
    "arrange",
    "convert_encoder",
    "correction_words",
    "encoder_card",
    "fetch_encoder",
    "find_energy",
    "find_exam",
    "holds_documents",
    "inspect_files",
    "make",
    "read_rows",
    "read_source",
    "recipe_of",
    "reinspect_files",
    "result_words",
    "understood_words",
    "unpack_encoder",
]
