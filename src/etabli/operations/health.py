"""Whether this process can do its work: for what watches over it, and sends it requests."""

import shutil

from sqlalchemy import text

from etabli.foundation.durable_files import MIN_FREE_BYTES
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg
from etabli.site import Site


class DiskNearlyFullError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(msg("The disk of this hub is nearly full. Its operator must make room."))


def require_ready(site: Site) -> None:
    """
    Raises:
        DatabaseDownError: the database does not answer.
        DiskNearlyFullError: what is written now may not find room.
    """
    with site.database.reading() as db:
        db.scalar(text("SELECT 1"))
    if shutil.disk_usage(site.settings.data_dir).free < MIN_FREE_BYTES:
        raise DiskNearlyFullError
