"""Sort a whole file with a model."""

import json
from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_summary
from etabli.features.accounts import Permission
from etabli.features.workshop import NoTableError, TableChoice, TableTooLargeError
from etabli.foundation.i18n.messages import Translator
from etabli.http import RepoDep, actor_of, make_router, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, receive_form
from etabli.operations import sorting

router = make_router(present_error, tags=["etabli"])

# That a machine answers, and that no reply is among the columns: nothing was composed.
_HEADERS = {"X-Etabli-Answered-By": "machine", "X-Etabli-Generated": "false"}


@router.post("/api/etabli/sort/{namespace}/{name}", max_body_size=ANY_SIZE)
@requires(Permission.ASK_MODEL)
async def sort(request: Request, repo: RepoDep) -> Response:
    """Send a table as a form, the file `table`, and perhaps `text_column`, `sheet`, `encoding`.

    It comes back as CSV with three more columns, `label`, `certainty` (0 to 1) and `decision`:
    `answer`, `clarify`, `outside`, `human`, or `empty` and `too-long` for a row that was not asked.
    With `format`: `jsonl`, a line a row, and a last line that says what it took.
    """
    site = site_of(request)
    limit_mb = sorting.MAX_SORTED_MB
    with site.backends.runs.incoming() as folder:
        too_large = TableTooLargeError(limit_mb)
        form = await receive_form(request, folder, limit_mb * 1_000_000, too_large)
        table = form.path("table")
        if table is None:
            raise NoTableError
        said = form.fields
        choice = TableChoice(said.get("text_column"), said.get("sheet"), said.get("encoding"))
        ready = await sorting.read(site, actor_of(request), repo, folder, table, choice)
    if said.get("format") == "jsonl":
        return StreamingResponse(
            _lines(ready, translator_for(request)), 200, _HEADERS, "application/jsonl"
        )
    headers = {**_HEADERS, "Content-Disposition": 'attachment; filename="sorted.csv"'}
    return StreamingResponse(sorting.as_csv(ready), 200, headers, "text/csv; charset=utf-8")


async def _lines(ready: sorting.Sorting, translator: Translator) -> AsyncIterator[str]:
    async for line in sorting.as_json_lines(ready):
        yield line
    summary = present_summary(ready.summary, translator)
    yield json.dumps({"summary": summary}, ensure_ascii=False) + "\n"
