import pytest

from etabli.features.git.lfs_pointers import Attributes, Pointer, initial_attributes, read_pointer

SHA256 = "a" * 64
TEXT = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA256}\nsize 12\n".encode()


class TestPointers:
    def test_there_and_back(self):
        assert read_pointer(TEXT) == Pointer(SHA256, 12)
        assert Pointer(SHA256, 12).content == TEXT

    def test_with_extensions(self):
        lines = TEXT.split(b"\n", 1)
        extended = lines[0] + b"\next-0-foo sha256:" + b"b" * 64 + b"\n" + lines[1]
        assert read_pointer(extended) == Pointer(SHA256, 12)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            TEXT[:-1],
            TEXT + b"\n",
            TEXT.replace(b"size 12", b"size -1"),
            TEXT.replace(b"size 12", b"size 012"),
            TEXT.replace(b"sha256", b"sha512"),
            TEXT.replace(b"aaaa", b"AAAA"),
            TEXT.replace(b"v1", b"v2"),
            TEXT.replace(b"size 12", b"size " + b"9" * 20),
            TEXT + b"x" * 1000,
        ],
    )
    def test_what_is_none(self, content):
        assert read_pointer(content) is None

    def test_an_empty_file_stands_for_itself(self):
        assert Pointer(SHA256, 0).content == b""


class TestAttributes:
    @pytest.mark.parametrize(
        "path",
        [
            "model.safetensors",
            "a/b/c.bin",
            "events.out.tfevents.1",
            "saved_model/variables/x",
            "saved_model/x",
            "x.tar.gz",
            "shard.lfs.1",
        ],
    )
    def test_the_first_ones_name_what_people_publish(self, path):
        assert Attributes(initial_attributes(for_dataset=False).encode()).is_large(path, 1)

    @pytest.mark.parametrize("path", ["README.md", "config.json", "bin", "a.bin/b.txt", "x.png"])
    def test_and_nothing_else(self, path):
        assert not Attributes(initial_attributes(for_dataset=False).encode()).is_large(path, 1)

    def test_pictures_are_large_in_datasets(self):
        assert Attributes(initial_attributes(for_dataset=True).encode()).is_large("x.png", 1)

    def test_the_last_rule_that_fits_counts(self):
        rules = "*.bin filter=lfs\n# *.md filter=lfs\nsmall/*.bin -filter\n[attr]x filter=lfs\n\n"
        attributes = Attributes(rules.encode())
        assert attributes.is_large("a.bin", 1)
        assert not attributes.is_large("small/a.bin", 1)
        assert not attributes.is_large("a.md", 1)

    def test_size_counts_whatever_the_name(self):
        assert Attributes(b"").is_large("a.txt", 10_000_001)
        assert not Attributes(b"*.bin filter=lfs").is_large("a.bin", 0)
