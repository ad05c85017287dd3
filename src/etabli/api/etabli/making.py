"""Make a model from a table, by program: the steps of the pages, one request each."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.costs import present_energy
from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.features.workshop import (
    Choices,
    NoTableError,
    Publication,
    Run,
    Source,
    Tables,
    TableTooLargeError,
)
from etabli.http import ActorDep, HubDep, door, needs, public_url, site_of
from etabli.hub import Hub
from etabli.uploads import ANY_SIZE, ReceivedForm, receive_form

router = door(present_error, prefix="/api/etabli/runs", tags=["etabli"])


class PublishRequest(BaseModel):
    namespace: str | None = None
    name: str | None = None
    private: bool = False
    with_data: bool = True
    license: str = ""


@router.post("", status_code=201, max_body_size=ANY_SIZE)
@needs(Permission.SIGNED_IN)
async def start(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Send a table as a form: `name`, the file `train`, perhaps `test`, `replies`, `license`,
    `text_column` and `label_column`."""
    site = site_of(request)
    limit_mb = site.settings.max_table_mb
    with site.backends.runs.incoming() as folder:
        form = await receive_form(
            request, folder, limit_mb * 1_000_000, TableTooLargeError(limit_mb)
        )
        name = form.fields.get("name", "")
        source = Source(license=form.fields.get("license", ""))
        choices = Choices(form.fields.get("text_column"), form.fields.get("label_column"))
        run = await anyio.to_thread.run_sync(
            site.start_run, actor, name, _tables(form), source, choices
        )
    with site.read_hub() as hub:
        return _present(hub, run)


@router.get("/{key}")
@needs(Permission.SIGNED_IN)
def show(hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return _present(hub, hub.workshop.get(actor, key))


@router.post("/{key}/make")
@needs(Permission.SIGNED_IN)
def make(hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return _present(hub, hub.workshop.queue(actor, key))


@router.post("/{key}/stop")
@needs(Permission.SIGNED_IN)
def stop(hub: HubDep, actor: ActorDep, key: str) -> dict[str, Any]:
    return _present(hub, hub.workshop.stop(actor, key))


@router.post("/{key}/publish")
@needs(Permission.SIGNED_IN)
def publish(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    key: str,
    body: Annotated[PublishRequest, Body()],
) -> dict[str, Any]:
    run = hub.workshop.get(actor, key)
    publication = Publication(
        namespace=body.namespace or actor.name or "",
        name=body.name or run.name,
        private=body.private,
        with_data=body.with_data,
        license=body.license,
    )
    run = hub.workshop.publish(actor, key, publication, lambda english: english)
    url = f"{public_url(request)}/{run.model}"
    return {**_present(hub, run), "url": url}


@router.delete("/{key}", status_code=204)
@needs(Permission.SIGNED_IN)
def delete(hub: HubDep, actor: ActorDep, key: str) -> None:
    hub.workshop.delete(actor, key)


def _tables(form: ReceivedForm) -> Tables:
    train, test, replies = (form.path(field) for field in ("train", "test", "replies"))
    if train is None:
        raise NoTableError
    return Tables(train, test, replies)


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
        content["energy_to_make"] = present_energy(hub.workshop.energy_to_make(run))
        content["energy_of_an_answer"] = present_energy(hub.workshop.energy_of_an_answer(run))
    return content
