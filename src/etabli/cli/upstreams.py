"""Hubs that this one asks for what it has not: the operator says which."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

import typer

from etabli.cli.terminal import DataDir, open_hub, open_site, say, settings_of, tell, warn
from etabli.features.federation import NotMirroredError, PrivateUpstreamError
from etabli.foundation.checked_network import resolve_by_system
from etabli.foundation.i18n.messages import msg
from etabli.foundation.networks import Network, is_reachable, parse_networks
from etabli.operations.mirrors import delete_mirror

upstreams = typer.Typer(
    no_args_is_help=True, help="Other hubs, which this one asks for what it has not."
)


@upstreams.command("add")
def add(
    url: str,
    data_dir: DataDir = None,
    name: Annotated[str, typer.Option(help="What to call it; by default, its host.")] = "",
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="It may be on this machine or in a private network."),
    ] = False,
) -> None:
    """Ask a hub for repositories that are not here: another Établi, or one of the same API."""
    settings = settings_of(data_dir)
    if not allow_private and _is_private(url, parse_networks(settings.allowed_private_networks)):
        raise PrivateUpstreamError(url)
    with open_hub(data_dir, may_begin=True) as hub:
        added = hub.federation.add(url, name or None, allow_private=allow_private)
    tell(
        msg(
            "What is not here is asked of {url} from now on, if it is public there. "
            "Nobody's token is sent to it.",
            url=added.url,
        )
    )


@upstreams.command("ls")
@upstreams.command("list", hidden=True)
def list_upstreams(data_dir: DataDir = None) -> None:
    """List them in the order in which they are asked, and all files that were not right."""
    with open_hub(data_dir) as hub:
        for one in hub.federation.upstreams():
            private = "private" if one.allow_private else "public"
            count = hub.federation.mirrors_of(one.url)
            say("\t".join((one.name, one.url, private, str(count))))
        for repo, pull in hub.federation.differences():
            warn(
                msg(
                    "{repo}: {path} came as something else than its commit names ({commit}), and "
                    "was not kept. Times: {count}, last on {when}. What came: {found}",
                    repo=repo.full_name,
                    path=pull.path,
                    count=str(pull.differences),
                    commit=pull.commit_sha[:12],
                    when=pull.differed_at.isoformat(timespec="minutes") if pull.differed_at else "",
                    found=pull.found,
                )
            )


@upstreams.command("remove")
def remove(name: str, data_dir: DataDir = None) -> None:
    """Ask a hub no more. What came from it stays, and its namespaces stay its own."""
    with open_hub(data_dir) as hub:
        removed = hub.federation.remove(name)
    tell(msg("{url} is asked no more. What came from it stays.", url=removed.url))


@upstreams.command("clear")
def clear(name: str, data_dir: DataDir = None) -> None:
    """Remove the copy of a repository (OWNER/NAME), or all of an owner's and let the name go."""
    site = open_site(settings_of(data_dir))
    namespace, _, rest = name.partition("/")
    with site.read_hub() as hub:
        mirrored = hub.federation.mirrored_in(namespace)
        found = [repo for repo in mirrored if not rest or repo.name.lower() == rest.lower()]
        if not found and (rest or hub.federation.origin_of_namespace(namespace) is None):
            raise NotMirroredError(name)
    for repo in found:
        delete_mirror(site, repo)
    if not rest:
        with site.open_hub() as hub:
            hub.federation.unbind(namespace)
    site.close()
    tell(msg("Copies removed: {count}.", count=str(len(found))))


def _is_private(url: str, allowed: Sequence[Network]) -> bool:
    """Whether it is known now that no connection would be made to it."""
    with suppress(ValueError, OSError):  # it says what is wrong when it is added, or asked
        parts = urlsplit(url)
        addresses = resolve_by_system(parts.hostname or "", parts.port or 443)
        return not all(is_reachable(address, allowed) for address in addresses)
    return False
