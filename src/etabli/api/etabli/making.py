"""Make a model from a table, by program: the steps of the pages, one request each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.costs import present_energy
from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.features.workshop import (
    NO_FIXES,
    Advice,
    DataSource,
    InputFiles,
    Run,
    RunOptions,
    TableTooLargeError,
    arrange,
)
from etabli.foundation.i18n.messages import ENGLISH
from etabli.http import ActorDep, HubDep, in_pool, make_router, public_url, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, ReceivedForm, receive_form
from etabli.hub import Hub
from etabli.operations import training
from etabli.operations.publish_model import publish_model
from etabli.pools import COMMITS, READS, TABLES
from etabli.site import Site

router = make_router(present_error, prefix="/api/etabli/runs", tags=["etabli"])


class MakeRequest(BaseModel):
    """What is left out stays as it is."""

    text_column: str | None = None
    label_column: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    fixes: dict[str, bool] = {}
    """By the name that a finding calls its `fix`: whether to make it."""
    prefer: str | None = None
    """What matters most: balance, accuracy, frugal or offline."""

    def choices(self, kept: RunOptions) -> RunOptions:
        return RunOptions(
            self.text_column or kept.text_column,
            self.label_column or kept.label_column,
            {**kept.fixes, **self.fixes},
            self.encoding or kept.encoding,
            self.prefer or kept.prefer,
            self.sheet or kept.sheet,
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


@router.post("", status_code=201, max_body_size=ANY_SIZE)
@requires(Permission.SIGNED_IN)
async def start(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Send a table as a form: `name`, the file `train`, perhaps `test`, `replies`, `license`,
    `text_column`, `label_column`, `sheet` (of a workbook, or the file of an archive), `encoding`
    where it is not UTF-8 nor found, and `prefer`: what matters most, `balance`, `accuracy`,
    `frugal` or `offline`.

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
        name = form.fields.get("name", "")
        source = DataSource(license=form.fields.get("license", ""))
        fields = form.fields
        choices = RunOptions(
            fields.get("text_column"),
            fields.get("label_column"),
            _fixes(fields),
            fields.get("encoding") or None,
            fields.get("prefer") or "balance",
            fields.get("sheet") or None,
        )
        run = await TABLES.run(
            training.start_run, site, actor, name, _brought(form, folder), source, choices
        )
    return await READS.run(_shown, site, run)


@router.get("/{key}")
@requires(Permission.SIGNED_IN)
def show(hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return _present(hub, hub.workshop.get(actor, key))


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
        return _present(hub, hub.workshop.queue(actor, key))


@router.post("/{key}/stop")
@requires(Permission.SIGNED_IN)
def stop(hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return _present(hub, hub.workshop.stop(actor, key))


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
    asked = {name: value for name, value in body if value is not None}
    publication = replace(suggested, **asked)
    run = publish_model(site, actor, key, publication, ENGLISH)
    with site.read_hub() as hub:
        return {**_present(hub, run), "url": f"{public_url(request)}/{run.model}"}


@router.delete("/{key}", status_code=204)
@requires(Permission.SIGNED_IN)
def delete(hub: HubDep, actor: ActorDep, key: str) -> None:
    hub.workshop.delete(actor, key)


def _fixes(fields: Mapping[str, str]) -> Mapping[str, bool]:
    if fields.get("as_it_is", "") in ("yes", "true", "1"):
        return NO_FIXES
    refused = (name.strip() for name in fields.get("no_fix", "").split(","))
    return {name: False for name in refused if name}


def _brought(form: ReceivedForm, folder: Path) -> InputFiles:
    files = [file.path for file in form.files.get("train", ())]
    return arrange(files, form.path("test"), form.path("replies"), folder)


def _shown(site: Site, run: Run) -> dict[str, Any]:
    with site.read_hub() as hub:
        return _present(hub, run)


def _present(hub: Hub, run: Run) -> dict[str, Any]:
    content: dict[str, Any] = {
        "key": run.key,
        "name": run.name,
        "state": run.state,
        "problem": str(run.problem_text) if run.problem_text else None,
        "model": run.model,
        "dataset": run.dataset,
        "findings": hub.workshop.findings(run),
    }
    progress = hub.workshop.progress(run)
    if progress and run.state.is_under_way:
        content["progress"] = vars(progress)
    if run.state.has_result:
        content["result"] = hub.workshop.result(run)
        content["advice"] = _present_advice(hub.workshop.advice(run))
        content["personal_data"] = vars(hub.workshop.personal_data(run))
        content["preview"] = [vars(row) for row in hub.workshop.preview(run)]
        content["energy_to_make"] = present_energy(hub.workshop.energy_to_make(run))
        content["energy_of_an_answer"] = present_energy(hub.workshop.energy_of_an_answer(run))
    return content


def _present_advice(advice: Advice) -> dict[str, str]:
    return {
        "use": advice.use,
        "title": str(advice.title),
        "reason": str(advice.reason),
        "next_step": str(advice.next_step),
    }
