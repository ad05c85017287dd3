"""What was counted in memory while requests were answered, written down."""

from etabli.foundation.errors import EtabliError
from etabli.site import Site


def keep_usage(site: Site) -> None:
    """Write down what was counted in memory since the last time."""
    usage = site.usage.take()
    if not usage:
        return
    try:
        with site.open_hub() as hub:
            for repo_key, count in usage.downloads.items():
                hub.repos.count_downloads(repo_key, count)
            hub.accounts.note_uses(usage.tokens)
            hub.federation.note_uses(usage.mirrored)
    except EtabliError:
        site.usage.add(usage)
        raise
