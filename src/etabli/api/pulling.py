"""Large files of mirrors that are not here yet: they go on to the client while they arrive."""

from functools import partial

from fastapi import Request, Response

from etabli.features.blobs import LostBytesError
from etabli.http import site_of
from etabli.http.file_responses import download_of, respond
from etabli.http.followed_files import respond_following
from etabli.operations import pulled_files
from etabli.operations.pulled_files import WantedFile
from etabli.site import Site


async def respond_pulling(
    request: Request, wanted: WantedFile, headers: dict[str, str], *, may_go_on: bool
) -> Response:
    """
    Args:
        headers: with the file's `ETag`.
        may_go_on: see `Download`.

    Raises:
        DifferentFileError, TransferCutError: it did not come, and nothing was sent yet.
        And as `pulled_files.pull`.
    """
    site = site_of(request)
    return await respond_following(
        request,
        wanted.size_bytes,
        headers,
        follow=partial(pulled_files.pull, site, wanted),
        when_kept=partial(_respond_kept, request, site, wanted, headers, may_go_on),
        failure=partial(pulled_files.failure, site, wanted),
        may_go_on=may_go_on,
    )


def _respond_kept(
    request: Request, site: Site, wanted: WantedFile, headers: dict[str, str], may_go_on: bool
) -> Response:
    with site.read_hub() as hub:
        if not hub.repos.has_blob(wanted.repo, wanted.sha256):
            raise LostBytesError(wanted.sha256)  # let go of in this moment
        blob = hub.blobs.get(wanted.sha256)
        return respond(request, download_of(hub.blobs, blob, may_go_on=may_go_on), headers)
