"""To add an encoder to this hub: fetched, made ready, and kept as a model repository."""

import zipfile
from pathlib import Path

from etabli.features.accounts import Actor
from etabli.features.repos import Repo, RepoType
from etabli.features.workshop import (
    KNOWN_ENCODERS,
    LARGEST_SOURCE_BYTES,
    WANTED_OF_AN_ENCODER,
    BadEncoderError,
    convert_encoder,
    encoder_card,
    fetch_encoder,
    unpack_encoder,
)
from etabli.foundation.i18n.messages import Translator, msg
from etabli.operations import refs
from etabli.operations.new_repos import prepared
from etabli.operations.remote_models import fetch_model, is_address, parse_address
from etabli.site import Site


def add_encoder(
    site: Site, actor: Actor, source: str, name: str | None, license: str, translator: Translator
) -> Repo:
    """Keep an encoder, public, under the actor's name.

    Args:
        source: the name of a known one, a folder, a zip, or a model repository here or, by its
            address, of another hub.

    Raises:
        NotAModelAddressError, RemoteFileChangedError: see `fetch_model`.
        BadEncoderError, EncoderNotFetchedError: it cannot be had, or cannot be used.
        RepoExistsError, InvalidRepoNameError, NotAllowedError: see `Repos.create`.
    """
    called = name or (source if source in KNOWN_ENCODERS else _name_in(source))
    with site.read_hub() as hub:
        new = hub.repos.plan(actor, RepoType.MODEL, actor.name or "", called, private=False)
    with site.backends.runs.incoming() as folder:
        files_at, origin = _files_of(site, actor, source, folder)
        made = convert_encoder(files_at, folder / "made")
    card = encoder_card(source if source in KNOWN_ENCODERS else called, made, license, translator)
    card += f"\n{origin}\n" if origin else ""
    files: dict[str, Path | bytes] = {**made.files, "README.md": card.encode()}
    with prepared(site, new, files, "Add the encoder") as waiting, site.open_hub() as hub:
        repo = waiting.land(hub, actor)
    refs.derive_refs(site, repo.key)
    return repo


def _name_in(source: str) -> str:
    return parse_address(source).name if is_address(source) else Path(source).stem


def _files_of(site: Site, actor: Actor, source: str, folder: Path) -> tuple[Path, str]:
    """Where its files are now, and the address that they came from, if from another hub."""
    if source in KNOWN_ENCODERS:
        return fetch_encoder(source, folder), ""
    if is_address(source):
        wanted = WANTED_OF_AN_ENCODER
        target = folder / "source"
        pinned = fetch_model(site.backends.http, source, wanted, LARGEST_SOURCE_BYTES, target)
        return target, pinned
    path = Path(source)
    if path.is_dir():
        return path, ""
    if zipfile.is_zipfile(path) if path.is_file() else False:
        return unpack_encoder(path, folder / "source"), ""
    if path.is_file() or "/" not in source.strip("/"):
        raise BadEncoderError(
            msg(
                "There is no encoder {source}: give one of {known}, a folder, a zip, a model of "
                "this hub as OWNER/NAME, or the address of a model on another hub.",
                source=source,
                known=", ".join(KNOWN_ENCODERS),
            )
        )
    return _copied_from_here(site, actor, source, folder / "source"), ""


def _copied_from_here(site: Site, actor: Actor, full_name: str, folder: Path) -> Path:
    with site.read_hub() as hub:
        repo = hub.repos.get(actor, RepoType.MODEL, full_name)
        snapshot = hub.repos.snapshot(repo)
        for wanted in WANTED_OF_AN_ENCODER:
            entry = snapshot.find(wanted)
            if entry is None or entry.is_folder:
                continue
            (folder / wanted).parent.mkdir(parents=True, exist_ok=True)
            with (folder / wanted).open("wb") as file:
                file.writelines(snapshot.pieces(entry))
    folder.mkdir(exist_ok=True)
    return folder
