"""What an assistant of another maker reads before it asks: `llms.txt` and a model's `agents.md`.

Sources: llmstxt.org (the file at the root, in Markdown), agents.md (instructions beside a project).
Both are in English, as what programs read; a model's own words stay as they are.
"""

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.features.repos import Repo
from etabli.features.serving import NotServableError, ServedModel
from etabli.http import ActorDep, HubDep, RepoDep, make_router, public_url, requires, site_of

router = make_router(present_error, tags=["etabli"])

MARKDOWN = "text/markdown; charset=utf-8"
MAX_LISTED = 20
MAX_LABELS = 100


@router.get("/llms.txt")
@requires(Permission.PUBLIC)
def llms(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    """What this hub is, how it is asked, and the newest models that answer."""
    site, url = site_of(request), public_url(request)
    models = [repo.full_name for repo in hub.serving.ready_models(actor)[:MAX_LISTED]]
    listed = [f"- [{name}]({url}/{name}/agents.md)" for name in models]
    lines = [
        f"# {site.settings.name}",
        "",
        "> A hub of small models, each made by somebody for one task, from their own data. Every "
        "model answers at once, says when it is not sure, and shows what an answer costs.",
        "",
        "## How to ask",
        "",
        f"- Model Context Protocol, stateless: {url}/mcp (tools: search_models, ask)",
        f"- OpenAI's chat completions and responses: {url}/v1",
        f"- With the decision and all that it costs: POST {url}/api/etabli/ask/OWNER/NAME",
        f"- This API as a document: {url}/api/etabli/openapi.json",
        "",
        "## Models that answer",
        "",
        *(listed or ["None yet."]),
        "",
    ]
    return PlainTextResponse("\n".join(lines), media_type=MARKDOWN)


@router.get("/{namespace}/{name}/agents.md")
@requires(Permission.SEE_REPO)
def agents(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    """How to ask one model, and what its decisions mean.

    Raises:
        NotServableError: it cannot answer here.
    """
    served = hub.serving.find(repo)
    if served is None:
        raise NotServableError(repo.full_name)
    return PlainTextResponse(_instructions(public_url(request), repo, served), media_type=MARKDOWN)


def _instructions(url: str, repo: Repo, served: ServedModel) -> str:
    labels = [f"- {label}" for label in served.labels[:MAX_LABELS]]
    if len(served.labels) > MAX_LABELS:
        labels.append(f"- and {len(served.labels) - MAX_LABELS} more")
    body = '{"question": "…"}'
    return "\n".join(
        [
            f"# {repo.full_name}",
            "",
            f"A machine that sorts one short message. Its card, and how good it is: {url}/"
            f"{repo.full_name}",
            "",
            "## Ask it",
            "",
            "```sh",
            f"curl {url}/api/etabli/ask/{repo.full_name} \\",
            f"  -H 'content-type: application/json' -d '{body}'",
            "```",
            "",
            *(
                ["It is private: send `Authorization: Bearer hf_…` with a token that may ask.", ""]
                if repo.private
                else []
            ),
            "## What its decision means",
            "",
            "- `answer`: say `reply` as it is; `generated` tells whether a person wrote it.",
            "- `clarify`: ask which of the first labels is meant, then say the reply of that one.",
            "- `outside`: it was not made for this. Do not answer in its place; say so.",
            "- `human`: it is not sure. A person should read the message.",
            "",
            "Tell people that a machine answers (Regulation (EU) 2024/1689, article 50).",
            "",
            "## What it can say",
            "",
            *labels,
            "",
        ]
    )
