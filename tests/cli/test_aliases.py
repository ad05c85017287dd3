def test_names_alone_are_led_to_repositories(operator):
    operator.runs("users", "add", "alice", "--no-password")
    assert "openai-community/gpt2" in operator.runs(
        "aliases", "add", "gpt2", "openai-community/gpt2"
    )
    operator.runs("aliases", "add", "squad", "rajpurkar/squad", "--type", "dataset")
    assert operator.runs("aliases", "ls").splitlines() == [
        "dataset\tsquad\trajpurkar/squad",
        "model\tgpt2\topenai-community/gpt2",
    ]
    operator.runs("aliases", "remove", "gpt2")
    operator.runs("aliases", "add", "--well-known")
    assert "model\tgpt2\topenai-community/gpt2" in operator.runs("aliases", "ls")
    for wrong in (
        ["add"],
        ["add", "gpt2"],
        ["add", "a", "b/c", "--well-known"],
        ["remove", "nope"],
    ):
        code, _, said = operator.tries("aliases", *wrong)
        assert code != 0
        assert said
