"""Make an AI from a spreadsheet: bring it, look it over, have it made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request, Response

from etabli.engine_contract.training import TABLE
from etabli.features.accounts import Actor, Permission
from etabli.features.workshop import (
    BadTableError,
    DataSource,
    Recipe,
    Run,
    RunOptions,
    RunState,
    TableTooLargeError,
    read_source,
)
from etabli.foundation.errors import (
    EtabliError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import ActorDep, HubDep, in_pool, make_router, redirect_by_htmx, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, ReceivedForm, receive_form
from etabli.hub import Hub
from etabli.operations import training
from etabli.pools import PAGES, TABLES
from etabli.site import Site
from etabli.web.create.forms import (
    COLUMNS,
    SAMPLE,
    SAMPLE_NAME,
    STATES,
    asked_columns,
    brought_in,
    columns_of,
    copy_sample,
    field_of,
    has_sample,
    licence_options,
    offered_fixes,
    suggested_name,
    understood_columns,
)
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.forms import FieldsDep, Form
from etabli.web.kit.rendering import render, said, see_other

A_MILLION = 1_000_000
MAX_RUNS = 12
CHANGEABLE = (RunState.CHECKED, RunState.FAILED)
SHOWN = "shown_columns"
"""The field that says which columns the page of the check was about."""
SHOWN_SHEET, SHOWN_KIND = "shown_sheet", "shown_kind"
"""The same, of the sheet, and of the kind of AI where there is a choice."""

T = TypeVar("T")

router = make_router(present_error, reads=PAGES)


# Bring a table


@router.get("/create")
@requires(Permission.PUBLIC)
def create_page(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    return _create_page(request, hub, actor, Form())


@router.post("/create", max_body_size=ANY_SIZE)
@requires(Permission.SIGNED_IN)
async def start(request: Request, actor: ActorDep) -> Response:
    """Take in the files and look at them: seconds, in a thread, outside any unit of work."""
    site = site_of(request)
    limit_mb = site.settings.max_table_mb
    sent: ReceivedForm | None = None
    with site.backends.runs.incoming() as folder:
        try:
            sent = await receive_form(
                request, folder, limit_mb * A_MILLION, TableTooLargeError(limit_mb)
            )
            run = await TABLES.run(_start, site, actor, sent, folder)
        except (InvalidInputError, LimitError, UnavailableError, NotFoundError) as error:
            return await PAGES.run(_refuse, request, actor, sent, error)
    return see_other(f"/create/{run.key}/check")


@router.get("/create/{key}")
@requires(Permission.SIGNED_IN)
def resume(hub: HubDep, actor: ActorDep, key: str) -> Response:
    return see_other(step_of(hub.workshop.get(actor, key)))


@router.post("/create/{key}/delete")
@requires(Permission.SIGNED_IN)
def delete(hub: HubDep, actor: ActorDep, key: str) -> Response:
    hub.workshop.delete(actor, key)
    return see_other("/create", "deleted")


# Look it over


@router.get("/create/{key}/check")
@requires(Permission.SIGNED_IN)
def check_page(request: Request, hub: HubDep, actor: ActorDep, key: str) -> Response:
    run = hub.workshop.get(actor, key)
    if run.state not in CHANGEABLE:
        return see_other(step_of(run))
    return _check_page(request, hub, run, Form())


@router.post("/create/{key}/check")
@requires(Permission.SIGNED_IN)
@in_pool(TABLES)
def reinspect_files(request: Request, actor: ActorDep, key: str, fields: FieldsDep) -> Response:
    run, _ = _changes(site_of(request), actor, key, fields)
    if run.state not in CHANGEABLE:
        return see_other(step_of(run))
    return _apply(request, actor, key, fields) or see_other(f"/create/{key}/check")


@router.post("/create/{key}/make")
@requires(Permission.SIGNED_IN)
@in_pool(TABLES)
def make(request: Request, actor: ActorDep, key: str, fields: FieldsDep) -> Response:
    """Keep what was decided about the table, then ask for the making.

    Sent from elsewhere than the page of the check, it decides nothing about the table.
    """
    site = site_of(request)
    if SHOWN in fields:
        run, _ = _changes(site, actor, key, fields)
        if run.state in CHANGEABLE:
            refused = _apply(request, actor, key, fields)
            if refused is not None:
                return refused
            if _is_read_otherwise(fields):
                return see_other(f"/create/{key}/check")  # to be seen before it is made
    with site.open_hub() as hub:
        if hub.workshop.refusal(hub.workshop.get(actor, key)):
            return see_other(f"/create/{key}/check")
        hub.workshop.queue(actor, key)
    return see_other(f"/create/{key}/making")


# Have it made


@router.get("/create/{key}/making")
@requires(Permission.SIGNED_IN)
def making_page(request: Request, hub: HubDep, actor: ActorDep, key: str) -> Response:
    """The page, or only what moves on it when htmx asks."""
    run = hub.workshop.get(actor, key)
    is_fragment = "hx-request" in request.headers
    if not run.state.is_under_way:
        if is_fragment:
            return redirect_by_htmx(step_of(run))
        if run.state is not RunState.FAILED:
            return see_other(step_of(run))
    template = "create/progress.html" if is_fragment else "create/making.html"
    response = render(request, template, run=run, **_progress(request, hub, run))
    response.headers["Vary"] += ", HX-Request"
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/create/{key}/stop")
@requires(Permission.SIGNED_IN)
def stop(hub: HubDep, actor: ActorDep, key: str) -> Response:
    return see_other(step_of(hub.workshop.stop(actor, key)))


def step_of(run: Run) -> str:
    """The address of the page where this work is."""
    if run.state.has_result:
        return f"/create/{run.key}/result"
    return f"/create/{run.key}/{'check' if run.state is RunState.CHECKED else 'making'}"


def _start(site: Site, actor: Actor, sent: ReceivedForm, folder: Path) -> Run:
    if sent.fields.get("sample") == SAMPLE:
        tables = copy_sample(site.settings.samples_dir, folder)
        source = read_source(site.settings.samples_dir / SAMPLE)
        return training.start_run(site, actor, SAMPLE_NAME, tables, source)
    tables = brought_in(sent, folder)
    train = sent.first("train")
    name = sent.fields.get("name", "").strip() or suggested_name(train.name if train else "")
    licence = sent.fields.get("license", "")[:100]
    reads, says = (sent.fields.get(field, "").strip() for field in COLUMNS)
    encoding, sheet = (
        sent.fields.get(field, "").strip() or None for field in ("encoding", "sheet")
    )
    choices = RunOptions(reads or None, (says,) if says else (), encoding=encoding, sheet=sheet)
    source = DataSource(license=licence)
    return training.start_run(site, actor, name, tables, source, choices, keeps_refused=True)


def _refuse(
    request: Request, actor: Actor, sent: ReceivedForm | None, error: EtabliError
) -> Response:
    fields = sent.fields if sent else {}
    field = field_of(error, sent)
    form = Form(
        {name: fields.get(name, "") for name in ("name", "license", "encoding", "sheet", *COLUMNS)}
    )
    status, _ = status_of(error)
    with site_of(request).read_hub() as hub:
        return _create_page(
            request,
            hub,
            actor,
            form.refuse(request, field, error),
            422 if status == 400 else status,
        )


def _create_page(
    request: Request, hub: Hub, actor: Actor, form: Form, status: int = 200
) -> Response:
    settings = site_of(request).settings
    runs = hub.workshop.runs(actor) if actor.name else []
    return render(
        request,
        "create/start.html",
        status,
        form=form,
        runs=[
            {"run": run, "css": STATES[run.state][0], "words": said(request, STATES[run.state][1])}
            for run in runs
            if run.state is not RunState.PUBLISHED
        ][:MAX_RUNS],
        limit=settings.max_table_mb * A_MILLION,
        has_sample=has_sample(settings.samples_dir),
        licences=licence_options(form.values.get("license", "")),
    )


def _changes(
    site: Site, actor: Actor, key: str, fields: Mapping[str, str]
) -> tuple[Run, RunOptions | None]:
    """The run, and what was decided if it differs from what is kept."""
    with site.read_hub() as hub:
        run = hub.workshop.get(actor, key)
        kept, wanted = hub.workshop.choices(run), _wanted(hub, run, fields)
        return run, None if wanted == kept else wanted


def _wanted(hub: Hub, run: Run, fields: Mapping[str, str]) -> RunOptions:
    """What the form asks for. A column that we guessed and that nobody changed stays a guess."""
    kept, findings = hub.workshop.choices(run), hub.workshop.findings(run)
    understood = findings["understood"]
    sheet = fields.get("sheet") or understood.get("sheet")
    is_other_sheet = sheet != understood.get("sheet")

    text: str | None = None  # the columns of another sheet are others
    labels: tuple[str, ...] = ()
    if not is_other_sheet:
        asked, guessed = asked_columns(fields), understood_columns(understood)
        text = _chosen(asked[0], guessed[0], kept.text_column)
        labels = _chosen(asked[1], guessed[1], tuple(kept.label_columns))
    fixes = {fix: fix in fields for fix in offered_fixes(findings)}
    return RunOptions(
        text,
        labels,
        {**kept.fixes, **fixes},
        fields.get("encoding") or kept.encoding,
        fields.get("prefer") or kept.prefer,
        sheet if is_other_sheet else kept.sheet,
        None if is_other_sheet else _kind(fields.get("kind"), findings, kept),
    )


def _chosen(asked: T, guessed: T, kept: T) -> T:
    return asked if asked and (asked != guessed or kept) else kept


def _kind(asked: str | None, findings: Mapping[str, Any], kept: RunOptions) -> str | None:
    """As a column: what we recognised and nobody changed stays recognised."""
    is_guess = kept.kind is None and asked == findings.get("recipe")
    return kept.kind if not asked or is_guess else asked


def _apply(request: Request, actor: Actor, key: str, fields: Mapping[str, str]) -> Response | None:
    """Look at the table as was asked; the page with the reason if it cannot be used so."""
    site = site_of(request)
    run, choices = _changes(site, actor, key, fields)
    if choices is None:
        return None
    try:
        training.check_again(site, actor, key, choices)
    except (BadTableError, LimitError) as error:
        form = Form(fields).refuse(request, "columns", error)
        with site.read_hub() as hub:
            return _check_page(request, hub, hub.workshop.get(actor, run.key), form, 422)
    return None


def _is_read_otherwise(fields: Mapping[str, str]) -> bool:
    """Whether the person changed a column, the sheet or the kind on the page that they sent."""
    text, labels = asked_columns(fields)
    asked = "\n".join([text or "", *labels])
    return (
        fields[SHOWN].replace("\r\n", "\n") != asked
        or fields.get("sheet", "") != fields.get(SHOWN_SHEET, "")
        or fields.get("kind", "") != fields.get(SHOWN_KIND, "")
    )


def _check_page(request: Request, hub: Hub, run: Run, form: Form, status: int = 200) -> Response:
    found = hub.workshop.findings(run)
    chosen = hub.workshop.choices(run).fixes
    recipe = hub.workshop.recipe(run)
    findings = [_finding(request, recipe, finding, chosen) for finding in found["findings"]]
    understood, refusal = found["understood"], hub.workshop.refusal(run)
    return render(
        request,
        "create/check.html",
        status,
        run=run,
        form=form,
        kind=recipe.templates,
        is_table=recipe.source == TABLE,
        parts_title=said(request, recipe.parts_title),
        understood=understood,
        classes=found["after_fixes"]["classes"] if found["after_fixes"] else [],
        reasons={
            part: said(request, Message.of_json(column["reason"]))
            for part, column in columns_of(understood).items()
            if column and column["reason"]
        },
        refusal=said(request, refusal) if refusal else "",
        after=found["after_fixes"],
        open_findings=[one for one in findings if one["severity"] != "fine"],
        quiet_findings=[one for one in findings if one["severity"] == "fine"],
        problem=_problem(request, run),
        preferences={code: said(request, words) for code, words in recipe.preferences.items()},
        kinds=[
            (one.name, said(request, one.title), said(request, reason), one is recipe)
            for one, reason in hub.workshop.kinds(run)
        ],
        prefer=form.values.get("prefer") or hub.workshop.choices(run).prefer,
        encodings=understood["encodings"] if _has_letters_in_doubt(understood, found) else {},
    )


def _has_letters_in_doubt(understood: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether the person may want to say how the file is written: UTF-8 leaves no doubt."""
    is_doubtful = any(
        one["code"] == "encoding" and one["severity"] != "fine" for one in found["findings"]
    )
    return is_doubtful or not understood["encoding"].startswith("utf")


def _finding(
    request: Request, recipe: Recipe, finding: Mapping[str, Any], chosen: Mapping[str, bool]
) -> Mapping[str, Any]:
    fix, why = finding.get("fix"), recipe.reasons.get(finding["code"])
    return {
        **finding,
        "text": said(request, Message.of_json(finding["text"])),
        "why": said(request, why) if why else "",
        "fix_words": said(request, recipe.fixes.get(fix, msg("Correct it"))) if fix else "",
        "is_ticked": bool(fix) and chosen.get(str(fix), True),
    }


def _progress(request: Request, hub: Hub, run: Run) -> dict[str, Any]:
    progress = hub.workshop.progress(run) if run.state is RunState.MAKING else None
    stage: Message = msg("Waiting for its turn")
    if run.state is RunState.MAKING:
        stage = hub.workshop.recipe(run).stage(progress.stage) if progress else msg("Starting")
    after = hub.workshop.findings(run).get("after_fixes")
    return {
        "stage": said(request, stage),
        "percent": round(100 * progress.fraction) if progress else 0,
        "elapsed_s": progress.elapsed_s if progress else 0,
        "rows": after["train_rows"] if after else 0,
        "problem": _problem(request, run),
    }


def _problem(request: Request, run: Run) -> str:
    text = run.problem_text
    return said(request, text) if text else ""
