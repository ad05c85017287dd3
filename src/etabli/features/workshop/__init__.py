"""Workshop: make a small model from one's own data, know how good it is, publish it.

Owns: runs and their folders, the cards drafted from facts. The recipes themselves are programs of
the engine, run as child processes that read and write a run's folder.
May use: the foundation, and every feature below.
Words: a *recipe* is how a model is made; a *run* is one execution of it; a *table* is what it is
made from; a *reply* is what an assistant says for a label.
"""

from etabli.features.workshop.advice import Advice, Use, advise
from etabli.features.workshop.checking import CheckedTable, look_again, look_at, make
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
    UnknownPreferenceError,
    WrongStateError,
)
from etabli.features.workshop.evaluation import EnergyOf, find_energy, find_exam
from etabli.features.workshop.events import RunDeleted, RunQueued
from etabli.features.workshop.fixes import FIXES, NO_FIXES
from etabli.features.workshop.folders import RunFolders
from etabli.features.workshop.models import (
    PREFERENCES,
    Choices,
    PersonalData,
    PlannedRepo,
    Progress,
    Publication,
    PublicationPlan,
    Run,
    RunState,
    ShownRow,
    Source,
    Tables,
    read_source,
)
from etabli.features.workshop.rows import RawTable, TableChoice, read_rows
from etabli.features.workshop.service import Workshop
from etabli.features.workshop.verdicts import rung_reason, unlike_training, verdict

__all__ = [
    "FIXES",
    "KNOWN_ENCODERS",
    "LARGEST_SOURCE_BYTES",
    "NO_FIXES",
    "PREFERENCES",
    "WANTED_OF_AN_ENCODER",
    "Advice",
    "BadEncoderError",
    "BadTableError",
    "CheckedTable",
    "Choices",
    "EncoderNotFetchedError",
    "EnergyOf",
    "NoTableError",
    "PersonalData",
    "PersonalDataShownError",
    "PlannedRepo",
    "Progress",
    "Publication",
    "PublicationPlan",
    "RawTable",
    "RecipeFailedError",
    "Run",
    "RunDeleted",
    "RunFolders",
    "RunNotFoundError",
    "RunQueued",
    "RunState",
    "ShownRow",
    "Source",
    "TableChoice",
    "TableTooLargeError",
    "Tables",
    "TooMuchMemoryError",
    "TooSlowError",
    "UnknownFixError",
    "UnknownPreferenceError",
    "Use",
    "Workshop",
    "WrongStateError",
    "advise",
    "convert_encoder",
    "encoder_card",
    "fetch_encoder",
    "find_energy",
    "find_exam",
    "look_again",
    "look_at",
    "make",
    "read_rows",
    "read_source",
    "rung_reason",
    "unlike_training",
    "unpack_encoder",
    "verdict",
]
