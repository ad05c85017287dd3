"""What was counted in memory while requests were answered, written down."""

from etabli.site import Site


def keep_usage(site: Site) -> None:
    """Write down what was counted in memory since the last time."""
    with site.usage.taken() as usage:
        if not usage:
            return
        with site.open_hub() as hub:
            for repo_key, count in usage.downloads.items():
                hub.repos.count_downloads(repo_key, count)
            hub.accounts.note_uses(usage.tokens)
            hub.metering.add(usage.asked)
            hub.federation.note_uses(usage.mirrored)
