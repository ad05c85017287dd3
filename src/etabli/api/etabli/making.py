"""Make a model from a table, by program: the steps of the pages, one request each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_listed, present_publication, present_run
from etabli.features.accounts import Actor, Permission
from etabli.features.workshop import (
    NO_FIXES,
    DataSource,
    InputFiles,
    Run,
    RunOptions,
    TableTooLargeError,
    arrange,
)
from etabli.foundation.i18n.translations import translator
from etabli.http import ActorDep, HubDep, in_pool, make_router, public_url, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, ReceivedForm, receive_form
from etabli.operations import training
from etabli.operations.publish_model import publish_model
from etabli.pools import COMMITS, READS, TABLES
from etabli.site import Site

router = make_router(present_error, prefix="/api/etabli/runs", tags=["etabli"])


class MakeRequest(BaseModel):
    """What is left out stays as it is."""

    text_column: str | None = None
    label_column: str | list[str] | None = None
    """Several, where each label has a column of its own."""
    encoding: str | None = None
    sheet: str | None = None
    fixes: dict[str, bool] = {}
    """By the name that a finding calls its `fix`: whether to make it."""
    prefer: str | None = None
    """What matters most: balance, accuracy, frugal or offline."""
    kind: str | None = None
    """Which kind of AI, one of `findings.kinds`."""

    def choices(self, kept: RunOptions) -> RunOptions:
        return RunOptions(
            self.text_column or kept.text_column,
            _all(self.label_column) or kept.label_columns,
            {**kept.fixes, **self.fixes},
            self.encoding or kept.encoding,
            self.prefer or kept.prefer,
            self.sheet or kept.sheet,
            self.kind or kept.kind,
        )


class PublishRequest(BaseModel):
    """What is left out is as the hub suggests: for oneself alone and without the data, unless the
    data is public already."""

    namespace: str | None = None
    name: str | None = None
    private: bool | None = None
    with_data: bool | None = None
    shows_personal_data: bool = False
    license: str | None = None
    language: str = "en"
    """Of the cards, which are written from the facts."""


@router.post("", status_code=201, max_body_size=ANY_SIZE)
@requires(Permission.SIGNED_IN)
async def start(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Send a table as a form: `name`, the file `train`, perhaps `test`, `replies`, `license`,
    `text_column`, `label_column` (several times, where each label has a column of its own),
    `sheet` (of a workbook, or the file of an archive), `encoding` where it is not UTF-8 nor found,
    and `prefer`: what matters most, `balance`, `accuracy`,
    `frugal` or `offline`; `kind`: which kind of AI, the one that fits best where nobody says. Of
    the data may be said, beside `license`: `attribution`, `url`, `language`, and `is_public`:
    `yes` where anybody can read it elsewhere already. With `namespace` (and `with_data`: `yes`) a
    name that is taken there is refused now.

    Of a table of questions and answers, `test` is one of `question` and `expected`: an answer or a
    question of the table, or nothing where there is no answer.

    `train` may also be documents (.pdf, .docx, .html, .md, .txt), several of them, or a .zip: then
    the model answers with quotes of them, and `test` is a table of `question` and `expected`.

    What is found in it is in `findings`; the corrections suggested there are made, but for those
    named in `no_fix` (names with commas between), or none with `as_it_is`: `yes`.
    """
    site = site_of(request)
    limit_mb = site.settings.max_table_mb
    with site.backends.runs.incoming() as folder:
        form = await receive_form(
            request, folder, limit_mb * 1_000_000, TableTooLargeError(limit_mb)
        )
        fields, tables = form.fields, _brought(form, folder)
        name = fields.get("name", "")
        await READS.run(_require_free, site, actor, name, fields)
        run = await TABLES.run(
            training.start_run, site, actor, name, tables, _source(fields), _choices(form)
        )
    return await READS.run(_shown, request, run)


@router.get("")
@requires(Permission.SIGNED_IN)
def list_runs(hub: HubDep, actor: ActorDep) -> dict[str, Any]:
    """The newest hundred of one's own."""
    return {"runs": [present_listed(run) for run in hub.workshop.runs(actor)]}


@router.get("/{key}")
@requires(Permission.SIGNED_IN)
def show(
    request: Request, hub: HubDep, actor: ActorDep, key: str, namespace: str = ""
) -> dict[str, Any]:
    """What is suggested for its publication depends on the `namespace`."""
    run = hub.workshop.get(actor, key)
    return present_run(hub, run, translator_for(request), namespace)


@router.post("/{key}/make")
@requires(Permission.SIGNED_IN)
@in_pool(TABLES)
def make(
    request: Request,
    actor: ActorDep,
    key: str,
    body: Annotated[MakeRequest | None, Body()] = None,
) -> dict[str, Any]:
    """Have it made, perhaps with other columns and corrections than those looked at."""
    site = site_of(request)
    if body is not None:
        with site.read_hub() as hub:
            kept = hub.workshop.choices(hub.workshop.get(actor, key))
        training.check_again(site, actor, key, body.choices(kept))
    with site.open_hub() as hub:
        return present_run(hub, hub.workshop.queue(actor, key), translator_for(request))


@router.post("/{key}/stop")
@requires(Permission.SIGNED_IN)
def stop(request: Request, hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return present_run(hub, hub.workshop.stop(actor, key), translator_for(request))


@router.post("/{key}/publish")
@requires(Permission.SIGNED_IN)
@in_pool(COMMITS)
def publish(
    request: Request,
    actor: ActorDep,
    key: str,
    body: Annotated[PublishRequest, Body()],
) -> dict[str, Any]:
    site = site_of(request)
    with site.read_hub() as hub:
        run = hub.workshop.get(actor, key)
        suggested = hub.workshop.suggest(run, body.namespace or actor.name or "")
    asked = body.model_dump(exclude_none=True, exclude={"language"})
    publication = replace(suggested, **asked)
    run = publish_model(site, actor, key, publication, translator(body.language))
    return {
        **_shown(request, run),
        "published": present_publication(publication),
        "url": f"{public_url(request)}/{run.model}",
    }


@router.delete("/{key}", status_code=204)
@requires(Permission.SIGNED_IN)
def delete(hub: HubDep, actor: ActorDep, key: str) -> None:
    hub.workshop.delete(actor, key)


def _require_free(site: Site, actor: Actor, name: str, fields: Mapping[str, str]) -> None:
    """Better known before a table is looked at than once the model is made."""
    if fields.get("namespace"):
        with site.read_hub() as hub:
            with_data = _is_yes(fields, "with_data")
            hub.workshop.require_free(actor, fields["namespace"], name, with_data=with_data)


def _source(fields: Mapping[str, str]) -> DataSource:
    said = {part: fields.get(part, "") for part in ("license", "attribution", "url", "language")}
    return DataSource(**said, is_public=_is_yes(fields, "is_public"))


def _choices(form: ReceivedForm) -> RunOptions:
    fields = form.fields
    return RunOptions(
        fields.get("text_column"),
        tuple(form.values("label_column")),
        _fixes(fields),
        fields.get("encoding") or None,
        fields.get("prefer") or "balance",
        fields.get("sheet") or None,
        fields.get("kind") or None,
    )


def _all(said: str | list[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def _is_yes(fields: Mapping[str, str], field: str) -> bool:
    return fields.get(field, "") in ("yes", "true", "1")


def _fixes(fields: Mapping[str, str]) -> Mapping[str, bool]:
    if _is_yes(fields, "as_it_is"):
        return NO_FIXES
    refused = (name.strip() for name in fields.get("no_fix", "").split(","))
    return {name: False for name in refused if name}


def _brought(form: ReceivedForm, folder: Path) -> InputFiles:
    files = [file.path for file in form.files.get("train", ())]
    return arrange(files, form.path("test"), form.path("replies"), folder)


def _shown(request: Request, run: Run) -> dict[str, Any]:
    with site_of(request).read_hub() as hub:
        return present_run(hub, run, translator_for(request))
