"""A small assistant, made and published by the real verbs, for the tests that need one."""

import atexit
import shutil
import time
from pathlib import Path
from tempfile import mkdtemp

from etabli.features.accounts import Actor
from etabli.features.workshop import DataSource, InputFiles, Publication, Run, arrange
from etabli.foundation.i18n.messages import ENGLISH
from etabli.operations import training
from etabli.operations.publish_model import publish_model
from etabli.site import Site

SUBJECTS = {
    "card_lost": ("my card is lost", "I cannot find my card", "somebody stole my card"),
    "transfer_late": ("my transfer is late", "the transfer has not arrived", "where is my money"),
    "pin_blocked": ("my pin is blocked", "I forgot the pin", "the pin code does not work"),
}
PLACES = ("today", "in the shop", "at home", "since Monday", "please", "on my phone", "abroad")
REPLIES = {"card_lost": "Freeze the card in the app.", "pin_blocked": "Unblock it at a machine."}


def table() -> str:
    """63 rows, three labels; each row is different."""
    rows = [
        f"{text} {place},{label}"
        for label, texts in SUBJECTS.items()
        for text in texts
        for place in PLACES
    ]
    return "text,label\n" + "\n".join(rows) + "\n"


def table_of_careless_labels() -> str:
    """The same, each label written in three ways: `card_lost`, `CARD_LOST`, `Card lost `."""
    lines = table().splitlines()
    ways = (str, str.upper, lambda label: label.replace("_", " ").capitalize() + " ")
    rows = (line.rsplit(",", 1) for line in lines[1:])
    written = [f"{text},{ways[n % 3](label)}" for n, (text, label) in enumerate(rows)]
    return "\n".join([lines[0], *written]) + "\n"


def french_table() -> str:
    """The same in French, with no replies to go by."""
    subjects = {
        "carte": ("j’ai perdu ma carte", "je ne trouve pas la carte", "on a volé ma carte"),
        "virement": ("mon virement est en retard", "le virement n’est pas là", "où est l’argent"),
    }
    places = ("dans la rue", "à la maison", "depuis le matin", "en ville", "pour le moment", "ici")
    rows = [
        f"{text} {place},{label}"
        for label, texts in subjects.items()
        for text in texts
        for place in places
    ]
    return "text,label\n" + "\n".join(rows) + "\n"


def replies() -> str:
    return "label,answer\n" + "".join(f"{label},{text}\n" for label, text in REPLIES.items())


def start(site: Site, actor: Actor, name: str = "helpdesk", content: str | bytes = "") -> Run:
    """A run whose table has been looked at."""
    with site.backends.runs.incoming() as folder:
        train = _write(folder / "messages.csv", content or table())
        tables = InputFiles(train, None, _write(folder / "replies.csv", replies()))
        return training.start_run(site, actor, name, tables, DataSource(license="cc0-1.0"))


def make(site: Site, actor: Actor, run: Run) -> Run:
    """The same run, made by what the worker calls, or by the worker where one is at work."""
    with site.open_hub() as hub:
        hub.workshop.queue(actor, run.key)
    if not site.settings.embedded_worker:
        training.make_run(site, run.key)
    while True:
        with site.read_hub() as hub:
            run = hub.workshop.get(actor, run.key)
        if not run.state.is_under_way:
            return run
        time.sleep(0.05)


def publish(site: Site, actor: Actor, run: Run, **choices: object) -> Run:
    """For everybody and with its data, unless `choices` say otherwise."""
    wanted = {"private": False, "with_data": True, **choices}
    publication = Publication(namespace=actor.name or "", name=run.name, **wanted)
    return publish_model(site, actor, run.key, publication, ENGLISH)


def published(site: Site, actor: Actor, name: str = "helpdesk", **choices: object) -> Run:
    """`alice/helpdesk`, made once for all the tests that only want to have it."""
    run = start(site, actor, name)
    folder = site.backends.runs.path(run.key)
    if _ONCE and not site.settings.embedded_worker:
        shutil.copytree(_ONCE[0], folder, dirs_exist_ok=True)
        with site.open_hub() as hub:
            hub.workshop.queue(actor, run.key)
            hub.workshop.mark_started(run.key)
            hub.workshop.mark_finished(run.key, None)
    else:
        make(site, actor, run)
        _keep(folder)
    return publish(site, actor, run, **choices)


def _keep(folder: Path) -> None:
    if not _ONCE:
        _ONCE.append(Path(mkdtemp()) / "made")
        atexit.register(shutil.rmtree, _ONCE[0].parent, ignore_errors=True)
        shutil.copytree(folder, _ONCE[0])


_ONCE: list[Path] = []


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def quoting(site: Site, actor: Actor) -> Run:
    """`alice/guides`, which answers with quotes of documents, for everybody and with its data."""
    with site.backends.runs.incoming() as folder:
        brought = arrange([guides(folder / "guides")], None, None, folder)
        run = training.start_run(site, actor, "guides", brought, DataSource(license="cc0-1.0"))
    return publish(site, actor, make(site, actor, run))


def answering(site: Site, actor: Actor) -> Run:
    """`alice/faq`, which replies with the answers of a FAQ, for everybody and with its data."""
    with site.backends.runs.incoming() as folder:
        brought = InputFiles(_write(folder / "faq.csv", faq()))
        run = training.start_run(site, actor, "faq", brought, DataSource(license="cc0-1.0"))
    return publish(site, actor, make(site, actor, run))


FAQ = {
    "How do I reset my password?": "Open the settings and choose “Reset”: we send you a link.",
    "Where can I find my invoice?": "Under Account, then Billing. They are kept for ten years.",
    "How long does a delivery take?": "Two working days in the country, and six elsewhere.",
    "How much does a delivery cost?": "Four euros, and nothing from fifty euros on.",
    "How do I send an article back?": "Within thirty days, in its box: print the label first.",
    "Is there a guarantee on lamps?": "Two years on everything that we sell, lamps among it.",
}


def faq() -> str:
    rows = "".join(f'{question},"{answer}"\n' for question, answer in FAQ.items())
    return f"question,answer\n{rows}"


GUIDED = ("bicycle", "lantern", "kettle", "umbrella", "ladder", "violin", "compass", "hammock")


def guides(folder: Path) -> Path:
    """A folder of documents, each on one thing."""
    folder.mkdir()
    for thing in GUIDED:
        text = (
            f"# Care of the {thing}\n\nWash the {thing} in warm water. A repair takes nine days.\n"
        )
        (folder / f"{thing}.md").write_text(text)
    return folder
