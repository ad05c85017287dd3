"""What a model's files say: the forms that are published, and those that are made to mislead."""

import json
import struct

import pytest

from etabli.features.accounts import ANONYMOUS
from etabli.features.catalogue import Query
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits

BERT = {"architectures": ["BertForSequenceClassification"], "model_type": "bert"}


def safetensors(tensors, data=None, *, length=None):
    header = json.dumps(tensors).encode() if isinstance(tensors, dict) else tensors
    size = len(header) if length is None else length
    held = (
        max((one["data_offsets"][1] for one in tensors.values()), default=0) if data is None else 0
    )
    return struct.pack("<Q", size) + header + (bytes(held) if data is None else data)


def tensor(dtype, shape, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}


def gguf_text(text):
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def gguf(metadata, shapes, *, size_bytes=10_000, magic=b"GGUF"):
    parts = [magic, struct.pack("<IQQ", 3, len(shapes), len(metadata))]
    for key, value in metadata.items():
        parts.append(gguf_text(key))
        if isinstance(value, str):
            parts += [struct.pack("<I", 8), gguf_text(value)]
        elif isinstance(value, list):
            parts += [struct.pack("<IIQ", 9, 8, len(value)), *map(gguf_text, value)]
        else:
            parts += [struct.pack("<II", 4, value)]
    for number, shape in enumerate(shapes):
        sides = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        parts += [gguf_text(f"t{number}"), sides, struct.pack("<IQ", 0, 0)]
    content = b"".join(parts)
    return content + bytes(max(0, size_bytes - len(content)))


LLAMA = {
    "general.architecture": "llama",
    "tokenizer.ggml.tokens": ["a", "b", "café"],
    "llama.context_length": 8192,
    "tokenizer.chat_template": "{{ messages }}",
}


@pytest.fixture
def derive(site, alice):
    """`derive({"config.json": {…}}, "license: mit")`: the facts of a model with these files."""

    def do(files, yaml="", name="bert"):
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, RepoType.MODEL, "alice", name)
        contents = {
            path: content if isinstance(content, bytes) else json.dumps(content).encode()
            for path, content in files.items()
        }
        contents["README.md"] = f"---\n{yaml}\n---\nA model.".encode()
        changes = [AddFile(path, content) for path, content in contents.items()]
        commits.commit(site, alice, repo, "main", changes, "files")
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)
        with site.read_hub() as hub:
            return hub.catalogue.facts_of(repo)

    return do


@pytest.fixture
def find(site):
    def do(**query):
        with site.read_hub() as hub:
            page = hub.catalogue.search(ANONYMOUS, Query(**query))
        return sorted(item.repo.name for item in page.items)

    return do


@pytest.mark.parametrize(
    ("architecture", "more", "task", "auto_class"),
    [
        ("BertForSequenceClassification", {}, "text-classification", "ForSequenceClassification"),
        ("GPT2LMHeadModel", {}, "text-generation", "ForCausalLM"),
        ("LlamaForCausalLM", {}, "text-generation", "ForCausalLM"),
        ("T5ForConditionalGeneration", {}, "text2text-generation", "ForSeq2SeqLM"),
        (
            "WhisperForConditionalGeneration",
            {},
            "automatic-speech-recognition",
            "ForSpeechSeq2Seq",
        ),
        ("NewForConditionalGeneration", {"vision_config": {}}, "image-text-to-text", None),
        ("NewForConditionalGeneration", {}, None, None),
        ("ViTForImageClassification", {}, "image-classification", "ForImageClassification"),
        ("BertModel", {}, "feature-extraction", ""),
        ("SomethingElse", {}, None, None),
    ],
)
def test_an_architecture_says_what_a_model_does(derive, architecture, more, task, auto_class):
    facts = derive({"config.json": {"architectures": [architecture], "model_type": "x", **more}})
    assert facts.task == task
    if auto_class is not None:
        assert facts.derived.auto_class == f"AutoModel{auto_class}"
    assert facts.library == "transformers"


def test_the_card_comes_first(derive):
    facts = derive({"config.json": BERT}, "pipeline_tag: zero-shot-classification")
    assert facts.task == "zero-shot-classification"
    assert facts.derived.task == "text-classification"
    assert {"zero-shot-classification", "transformers", "bert"} <= set(facts.tags)


@pytest.mark.parametrize(
    "config",
    [
        b"{",
        b"[1]",
        b"null",
        b"[" * 100_000,
        {"architectures": "x" * 10_000, "model_type": ["a"], "quantization_config": 3},
        {"architectures": [{}, None, 3], "auto_map": "x"},
        b"\xff\xfe",
        b'{"architectures": ["\\u0000\\ud800"], "model_type": "\\u0000"}',
    ],
)
def test_a_broken_configuration_says_nothing(derive, find, config):
    assert derive({"config.json": config}, "tags: [mine]").task is None
    assert find(tags=["mine"]) == ["bert"]


class TestParameters:
    def test_are_counted_by_their_type(self, derive, find):
        content = safetensors(
            {
                "a": tensor("F32", [3, 4], 48),
                "b": tensor("BF16", [10], 68),
                "c": tensor("F32", [], 72),
            }
        )
        facts = derive({"model.safetensors": content})
        assert facts.derived.parameters == {"F32": 13, "BF16": 10}
        assert find(tags=["safetensors"]) == ["bert"]

    def test_of_several_files_are_added_up(self, derive):
        index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
        facts = derive(
            {
                "model.safetensors.index.json": index,
                "one.safetensors": safetensors({"a": tensor("F16", [100], 200)}),
                "two.safetensors": safetensors({"b": tensor("F16", [50], 100)}),
            }
        )
        assert facts.derived.parameters == {"F16": 150}

    @pytest.mark.parametrize(
        "files",
        [
            {"model.safetensors": b""},
            {"model.safetensors": b"1234567"},
            {"model.safetensors": b"\xff" * 100},
            {"model.safetensors": safetensors(b"{}", b"", length=2**62)},
            {"model.safetensors": safetensors(b"[" * 50_000, b"")},
            {"model.safetensors": safetensors({"a": tensor("F32", [10**9, 10**9], 4)})},
            {"model.safetensors": safetensors({"a": tensor("F32", [-4], 4)})},
            {"model.safetensors": safetensors({"a": tensor("F32", ["4"], 16)})},
            {"model.safetensors": safetensors({"a": tensor("Q9", [4], 16)})},
            {"model.safetensors": safetensors(b'{"a": 3}', b"")},
            {"model.safetensors.index.json": {"weight_map": {"a": "gone.safetensors"}}},
            {"model.safetensors.index.json": {"weight_map": {"a": "../../etc/passwd"}}},
            {"model.safetensors.index.json": {"weight_map": [3]}},
            {"model.safetensors.index.json": b"nothing"},
        ],
    )
    def test_that_cannot_be_are_not_believed(self, derive, find, files):
        assert derive(files, "tags: [mine]").derived.parameters == {}
        assert find(tags=["mine"]) == ["bert"]

    def test_find_a_model_by_how_many_it_has(self, derive, find):
        for name, count in (("one", 1), ("nine", 9), ("ten", 10), ("some", 1234), ("more", 20_000)):
            derive(
                {"model.safetensors": safetensors({"a": tensor("U8", [count], count)})}, name=name
            )
        derive({}, name="unknown")
        for least, most in (
            (0, 10**18),
            (2, 9),
            (10, 1233),
            (9, 1234),
            (1235, 19_999),
            (1234, 20_000),
        ):
            counts = {"one": 1, "nine": 9, "ten": 10, "some": 1234, "more": 20_000}
            expected = sorted(name for name, count in counts.items() if least <= count <= most)
            assert find(parameters=(least, most)) == expected, (least, most)
            assert find(parameters=(least, most), type=RepoType.DATASET) == []


class TestGguf:
    def test_says_what_is_in_it(self, derive, find):
        facts = derive({"model-q4.gguf": gguf(LLAMA, [[100, 20], [7]])})
        assert facts.derived.gguf == {
            "total": 2007,
            "architecture": "llama",
            "context_length": 8192,
            "chat_template": "{{ messages }}",
        }
        assert find(tags=["gguf"], parameters=(2007, 2007)) == ["bert"]

    def test_in_parts_is_added_up_and_needs_them_all(self, derive):
        parts = {
            "m-00001-of-00002.gguf": gguf(LLAMA, [[5]]),
            "m-00002-of-00002.gguf": gguf({}, [[6]]),
        }
        assert derive(parts).derived.gguf["total"] == 11
        del parts["m-00002-of-00002.gguf"]
        assert derive(parts, name="half").derived.gguf == {}

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"GGUF",
            gguf(LLAMA, [[5]], magic=b"FUGG"),
            gguf(LLAMA, [[2**60, 2**60]]),
            gguf(LLAMA, [[5] * 9]),
            gguf(LLAMA, [[5]])[:60],
            b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60),
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**62),
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + gguf_text("a") + struct.pack("<IIQ", 9, 9, 9),
            b"GGUF"
            + struct.pack("<IQQ", 3, 0, 1)
            + gguf_text("a")
            + struct.pack("<IIQ", 9, 0, 2**60),
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + gguf_text("a") + struct.pack("<I", 99),
        ],
    )
    def test_that_cannot_be_is_not_believed(self, derive, find, content):
        assert derive({"model.gguf": content}, "tags: [mine]").derived.gguf == {}
        assert find(tags=["mine"]) == ["bert"]


@pytest.mark.parametrize(
    ("files", "yaml", "relation"),
    [
        ({}, "base_model: alice/base", "finetune"),
        ({}, "base_model: [alice/base, alice/other]", "merge"),
        ({}, "base_model: alice/base\nbase_model_relation: quantized", "quantized"),
        ({"m.gguf": b""}, "base_model: alice/base", "quantized"),
        ({"adapter_config.json": {"base_model_name_or_path": "alice/base"}}, "", "adapter"),
    ],
)
def test_what_a_model_came_of_is_told(derive, find, files, yaml, relation):
    facts = derive(files, yaml)
    assert facts.derived.base_models[0] == "alice/base"
    assert facts.derived.base_relation == relation
    assert find(tags=[f"base_model:{relation}:alice/base"]) == ["bert"]
    assert find(tags=["base_model:alice/base"]) == ["bert"]


def test_an_adapter_of_a_folder_names_no_model(derive):
    facts = derive({"adapter_config.json": {"base_model_name_or_path": "/home/me/base"}})
    assert facts.derived.base_models == ()
    assert facts.library == "peft"


def test_a_dataset_s_files_say_nothing_of_a_model(site, alice, find):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.DATASET, "alice", "data")
    change = AddFile("config.json", json.dumps(BERT).encode())
    commits.commit(site, alice, repo, "main", [change], "files")
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
    assert find(tags=["bert"]) == []


def test_papers_that_the_card_links_to_are_tags(site, alice, find):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    text = b"\n---\ntags: [a]\n---\nSee https://arxiv.org/abs/1810.04805 and arxiv.org/pdf/1."
    commits.commit(site, alice, repo, "main", [AddFile("README.md", text)], "card")
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
        assert hub.catalogue.facts_of(repo).tags == ["a", "arxiv:1810.04805"]
    assert find(tags=["arxiv:1810.04805"]) == ["bert"]
