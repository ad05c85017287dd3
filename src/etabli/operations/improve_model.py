"""To change what a published model says, and when it leaves a message to a person: one commit."""

from etabli.features.accounts import Actor
from etabli.features.repos import DEFAULT_BRANCH, Repo
from etabli.features.serving import Assistant
from etabli.operations import commits
from etabli.site import Site

MESSAGE = "Change what it says, and when"


def improve_model(site: Site, actor: Actor, repo: Repo, assistant: Assistant) -> None:
    """Commit the settings of `assistant` where it was read from. Idempotent.

    Raises:
        NotServableError: it is no model that answers here.
        UnknownLabelError, SentenceTooLongError, BadCertaintyError: see each.
        BranchMovedError: somebody saved since `assistant.commit`.
    """
    with site.read_hub() as hub:
        change = hub.serving.settings_with(repo, assistant)
    commits.commit(
        site, actor, repo, DEFAULT_BRANCH, [change], MESSAGE, parent_sha=assistant.commit or None
    )
