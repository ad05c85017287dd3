"""The routes of the site's own files."""

import mimetypes

from fastapi import Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from etabli.features.accounts import Permission
from etabli.foundation.errors import NotFoundError
from etabli.foundation.i18n.messages import msg
from etabli.http import make_router, requires
from etabli.pools import PAGES
from etabli.web.kit.assets import FILES, VERSION
from etabli.web.kit.compression import COMPRESSIBLE, compressed_file, takes_gzip
from etabli.web.kit.errors import present_error

ROBOTS = """\
User-agent: *
Disallow: /api/
Disallow: /cas/
Disallow: /lfs/
Disallow: /v1/
Disallow: /run/
Disallow: /login
Disallow: /settings
Disallow: /*/resolve/
Disallow: /*/raw/
"""

router = make_router(present_error, reads=PAGES)


class StaticFileNotFoundError(NotFoundError):
    def __init__(self, path: str) -> None:
        super().__init__(msg("There is no file {path} among this site's own.", path=path))


@router.get("/robots.txt")
@requires(Permission.PUBLIC)
def robots() -> Response:
    """For search engines: the pages, and neither the bytes nor the doors for programs."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return PlainTextResponse(ROBOTS, headers=headers)


@router.get("/static/{version}/{path:path}")
@requires(Permission.PUBLIC)
def static_file(request: Request, version: str, path: str) -> Response:
    file = FILES.get(path)
    if file is None:
        raise StaticFileNotFoundError(path)
    lasting = "public, max-age=31536000, immutable" if version == VERSION else "no-cache"
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"Cache-Control": lasting, "Vary": "Accept-Encoding"}
    if file.suffix in COMPRESSIBLE and takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(compressed_file(file), 200, headers, media_type)
    return FileResponse(file, media_type=media_type, headers=headers)
