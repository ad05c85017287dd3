"""What a model's files say that its card need not: read anew at each push.

Nothing of it is run, and all of it is bounded. A file that is broken, or made to mislead, says
nothing; the push that brought it is as good as any other.

Source: the fields `config`, `transformersInfo`, `safetensors`, `gguf`, `baseModels` of the Hub's
API, and its tags, as `huggingface_hub` reads them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from etabli.features.blobs import LostBytesError
from etabli.features.cards import values_of
from etabli.features.catalogue.gguf import gguf_in
from etabli.features.catalogue.safetensors import parameters_in
from etabli.features.catalogue.tasks import use_of
from etabli.features.git import Entry, EntryNotFoundError, Snapshot
from etabli.features.repos import FileNotHereYetError, LargeFileNotHeldError
from etabli.foundation.i18n.messages import plain

MAX_FILES_SEEN = 5000
"""At the root of a repository."""
MAX_BASE_MODELS = 20
MAX_NAME_CHARS = 200
MAX_TEMPLATE_CHARS = 100_000

_CONFIG, _ADAPTER, _TOKENIZER = "config.json", "adapter_config.json", "tokenizer_config.json"
_LIBRARIES: Mapping[str, str] = {
    _ADAPTER: "peft",
    "modules.json": "sentence-transformers",
    "model_index.json": "diffusers",
    "open_clip_config.json": "open_clip",
}
"""By a file that only models of this library have. Before those of `transformers`, whose
`config.json` most of these have as well."""
_FORMATS: Sequence[tuple[str, str]] = (
    (".safetensors", "safetensors"),
    (".gguf", "gguf"),
    (".onnx", "onnx"),
    ("pytorch_model.bin", "pytorch"),
    ("tf_model.h5", "tf"),
    ("flax_model.msgpack", "jax"),
)
"""By the end of a file's name: the tag."""
_TALKING = ("text-generation", "image-text-to-text")


@dataclass(frozen=True)
class Derived:
    """What files say. Empty for datasets and spaces."""

    config: Mapping[str, Any] = field(default_factory=dict)
    """The few keys of `config.json` that clients look for."""
    task: str | None = None
    library: str | None = None
    auto_class: str | None = None
    processor: str | None = None
    custom_class: str | None = None
    parameters: Mapping[str, int] = field(default_factory=dict)
    """By their type, from the headers of the safetensors files."""
    gguf: Mapping[str, Any] = field(default_factory=dict)
    base_models: Sequence[str] = ()
    base_relation: str | None = None
    """How it came of them: "adapter", "finetune", "merge" or "quantized"."""
    tags: Sequence[str] = ()

    @property
    def parameter_count(self) -> int | None:
        """None: nobody knows."""
        return sum(self.parameters.values()) or self.gguf.get("total")

    def as_json(self) -> dict[str, Any]:
        """Without what is empty."""
        return {key: value for key, value in asdict(self).items() if value}


NOTHING = Derived()
_NAMES = frozenset(one.name for one in fields(Derived))


def derived_of(kept: Mapping[str, Any]) -> Derived:
    """From what `as_json` gave, by whichever release."""
    known = {key: value for key, value in kept.items() if key in _NAMES}
    return Derived(**known) if known else NOTHING


def derive(snapshot: Snapshot, metadata: Mapping[str, Any], *, weights: bool) -> Derived:
    """What a model's files say of it.

    Args:
        metadata: of its card, which comes first where both say something.
        weights: read the headers of its weights too, which may be large.

    Raises:
        BrokenRepoError: the files cannot be read.
    """
    files = [file for file in snapshot.page("", 0, MAX_FILES_SEEN) if not file.is_folder]
    names = {file.name for file in files}
    config, adapter = _json_of(snapshot, _CONFIG), _json_of(snapshot, _ADAPTER)
    use = next(iter(_uses(config)), None)
    task = values_of(metadata.get("pipeline_tag")) or ([use.task] if use else [])
    library = values_of(metadata.get("library_name")) or _library(config, names)
    said, template = _told(config, _json_of(snapshot, _TOKENIZER))
    base_models = values_of(metadata.get("base_model")) or _base_of_adapter(adapter)
    base_models = [plain(name)[:MAX_NAME_CHARS] for name in base_models[:MAX_BASE_MODELS]]
    talks = bool(task and task[0] in _TALKING) and (template or "chat_template.jinja" in names)
    derived = Derived(
        config=said,
        task=use.task if use else None,
        library=library[0] if library else None,
        auto_class=use.auto_class if use else None,
        processor=use.processor if use else None,
        custom_class=_custom_class(config, use.auto_class if use else "AutoModel"),
        parameters=_weights(parameters_in, snapshot) if weights else {},
        gguf=_clean(_weights(gguf_in, snapshot, files)) if weights else {},
        base_models=base_models,
        base_relation=_relation(metadata, config, names, base_models) if base_models else None,
    )
    return _with_tags(derived, config, names, talks=talks)


def _with_tags(
    derived: Derived, config: Mapping[str, Any], names: set[str], *, talks: bool
) -> Derived:
    found = [tag for ending, tag in _FORMATS if any(name.endswith(ending) for name in names)]
    found += [one for one in (derived.library, derived.task) if one]
    found += values_of(derived.config.get("model_type"))
    found += ["conversational"] * talks + ["custom_code"] * bool(_object(config.get("auto_map")))
    for name in derived.base_models:
        found += [f"base_model:{name}", f"base_model:{derived.base_relation}:{name}"]
    return Derived(**{**vars(derived), "tags": list(dict.fromkeys(found))})


def _uses(config: Mapping[str, Any]) -> Iterator[Any]:
    for name in values_of(config.get("architectures")):
        use = use_of(name, sees="vision_config" in config)
        if use is not None:
            yield use


def _told(config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The keys of `config.json` that clients look for; and whether there is a chat template."""
    said: dict[str, Any] = {}
    architectures = values_of(config.get("architectures"))
    if architectures:
        said["architectures"] = architectures[:MAX_BASE_MODELS]
    if isinstance(config.get("model_type"), str):
        said["model_type"] = config["model_type"][:MAX_NAME_CHARS]
    method = _object(config.get("quantization_config")).get("quant_method")
    if isinstance(method, str):
        said["quantization_config"] = {"quant_method": method[:MAX_NAME_CHARS]}
    words = {
        name: word
        for name in ("bos_token", "eos_token", "pad_token", "unk_token", "mask_token")
        if (word := _token(tokenizer.get(name))) is not None
    }
    template = tokenizer.get("chat_template")
    if isinstance(template, str) and len(template) <= MAX_TEMPLATE_CHARS:
        words["chat_template"] = template
    if words:
        said["tokenizer_config"] = words
    return _clean(said), bool(template)


def _token(value: Any) -> str | None:
    """A token is its text, or an object around it."""
    word = _object(value).get("content") if isinstance(value, dict) else value
    return word if isinstance(word, str) and len(word) <= MAX_NAME_CHARS else None


def _custom_class(config: Mapping[str, Any], auto_class: str) -> str | None:
    """The class of the repository's own code that opens it. Nobody here runs it."""
    own = _object(config.get("auto_map")).get(auto_class)
    return plain(own)[:MAX_NAME_CHARS] if isinstance(own, str) else None


def _library(config: Mapping[str, Any], names: set[str]) -> list[str]:
    found = [library for name, library in _LIBRARIES.items() if name in names]
    is_of_transformers = "transformers_version" in config or (
        "architectures" in config and "model_type" in config
    )
    return [*found, *(["transformers"] if is_of_transformers else [])]


def _base_of_adapter(adapter: Mapping[str, Any]) -> list[str]:
    """A name on a hub; whoever trained it from a folder of theirs has named no model."""
    base = adapter.get("base_model_name_or_path")
    is_name = isinstance(base, str) and base.count("/") == 1 and not base.startswith((".", "/"))
    return [base] if is_name and isinstance(base, str) else []


def _relation(
    metadata: Mapping[str, Any],
    config: Mapping[str, Any],
    names: set[str],
    base_models: Sequence[str],
) -> str:
    said = metadata.get("base_model_relation")
    if said in ("adapter", "finetune", "merge", "quantized"):
        return str(said)
    if _ADAPTER in names:
        return "adapter"
    if len(base_models) > 1:
        return "merge"
    is_packed = "quantization_config" in config or any(name.endswith(".gguf") for name in names)
    return "quantized" if is_packed else "finetune"


_NOT_HERE = (EntryNotFoundError, LargeFileNotHeldError, FileNotHereYetError)


def _weights(
    read: Callable[..., Mapping[str, Any]], snapshot: Snapshot, *files: Sequence[Entry]
) -> Mapping[str, Any]:
    """Nothing, where the bytes of a file are not here."""
    try:
        return read(snapshot, *files)
    except (*_NOT_HERE, LostBytesError, FileNotFoundError):
        return {}


def _json_of(snapshot: Snapshot, path: str) -> Mapping[str, Any]:
    try:
        return _object(json.loads(snapshot.find_text(path) or "null"))
    except (ValueError, RecursionError, *_NOT_HERE):
        return {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _clean(value: Any) -> Any:
    """With texts that every database takes."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _clean(inside) for key, inside in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
