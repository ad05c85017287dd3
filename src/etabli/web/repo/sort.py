"""Sort a whole file from a model's page: the table comes back as a file, without any script."""

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from etabli.features.accounts import Permission
from etabli.features.workshop import NoTableError, TableChoice, TableTooLargeError
from etabli.http import RepoDep, actor_of, make_router, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, receive_form
from etabli.operations import sorting
from etabli.web.kit.errors import present_error

router = make_router(present_error)


@router.post("/{namespace}/{name}/sort", max_body_size=ANY_SIZE)
@requires(Permission.ASK_MODEL)
async def sort_file(request: Request, repo: RepoDep) -> Response:
    """The file with a label, a certainty and a decision in each row, sent as it is made."""
    site = site_of(request)
    limit_mb = sorting.MAX_SORTED_MB
    with site.backends.runs.incoming() as folder:
        too_large = TableTooLargeError(limit_mb)
        form = await receive_form(request, folder, limit_mb * 1_000_000, too_large)
        table = form.path("table")
        if table is None:
            raise NoTableError
        choice = TableChoice(form.fields.get("text_column"), form.fields.get("sheet"))
        ready = await sorting.read(site, actor_of(request), repo, folder, table, choice)
    headers = {"Content-Disposition": f'attachment; filename="{repo.name}-sorted.csv"'}
    return StreamingResponse(sorting.as_csv(ready), 200, headers, "text/csv; charset=utf-8")
