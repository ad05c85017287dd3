"""`etabli create FOLDER` of documents, and asking what was made."""

from tests import made


def test_from_a_folder_of_documents_to_a_quote_with_its_source(operator, tmp_path):
    operator.runs("users", "add", "alice", "--admin", "--no-password")
    folder = made.guides(tmp_path / "guides")
    (folder / "photo.png").write_bytes(b"\x89PNG\x00")
    said = operator.runs("create", str(folder), "--name", "guides", "--with-data")
    assert "photo.png is of a kind that is not read" in said
    assert said.splitlines()[-1] == "Only you can see it: http://127.0.0.1:8000/alice/guides"
    answer = operator.runs("ask", "alice/guides", "How do I wash the violin?").splitlines()
    assert answer[0] == "Wash the violin in warm water. A repair takes nine days."
    assert answer[1] == "violin.md › Care of the violin"
    silent = operator.runs("ask", "alice/guides", "Who is the president of Peru?")
    assert silent.splitlines()[0] == "The documents do not say."
