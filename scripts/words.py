"""Bring the catalogues up to date with the code: `make words`.

Reads every sentence marked by `msg`, `msg_plural`, `_` or `ngettext` under src/etabli, writes
`etabli.pot`, and updates each `etabli.po`: new sentences come in empty, those no longer said go
out.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "etabli"
LOCALES = SOURCE / "locales"
KEYWORDS = {"msg": None, "_": None, "gettext": None, "ngettext": (1, 2), "msg_plural": (1, 2)}
THE_SAME_EACH_TIME = datetime(2026, 11, 24, tzinfo=UTC)


def extract() -> Catalog:
    """Every sentence that the code says, in the order of the files."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog(
        project="etabli",
        version="",
        copyright_holder="the Établi authors",
        msgid_bugs_address="",
        creation_date=THE_SAME_EACH_TIME,
        header_comment="# Établi's sentences. Brought up to date by `make words`.",
        fuzzy=False,
    )
    found = extract_from_dir(
        SOURCE, method_map=methods, options_map=options, keywords=KEYWORDS, comment_tags=("Words:",)
    )
    for path, _, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        catalogue.add(message, locations=[(path, 1)], auto_comments=comments, context=context)
    return catalogue


def catalogue_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "etabli.po"


def read(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, template: Catalog) -> Catalog:
    """The catalogue of `language` with exactly the sentences of `template`."""
    catalogue = read(language) if catalogue_path(language).exists() else Catalog(locale=language)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = template.header_comment
    catalogue.project, catalogue.version = template.project, template.version
    catalogue.copyright_holder = template.copyright_holder
    catalogue.msgid_bugs_address = template.msgid_bugs_address
    catalogue.last_translator = catalogue.language_team = ""
    catalogue.fuzzy = False
    catalogue.creation_date = catalogue.revision_date = THE_SAME_EACH_TIME
    return catalogue


def save(catalogue: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, ignore_obsolete=True)


def main() -> None:
    template = extract()
    save(template, LOCALES / "etabli.pot")
    for language in sorted(path.name for path in LOCALES.iterdir() if path.is_dir()):
        catalogue = update(language, template)
        save(catalogue, catalogue_path(language))
        missing = sum(1 for message in catalogue if message.id and not any(message.string or ()))
        sys.stdout.write(f"{language}: {len(catalogue)} sentences, {missing} to translate\n")


if __name__ == "__main__":
    main()
