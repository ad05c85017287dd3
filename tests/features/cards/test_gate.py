"""What a card asks before the gate, whatever stands under those names."""

import pytest

from etabli.features.cards import GateForm, GateQuestion, QuestionKind, gate_form


def test_reads_what_cards_of_the_reference_hub_say():
    form = gate_form(
        {
            "extra_gated_heading": "Read the charter",
            "extra_gated_prompt": "By asking you agree.",
            "extra_gated_button_content": "I agree",
            "extra_gated_fields": {
                "Company": "text",
                "Country": "country",
                "When": "date_picker",
                "I agree": "checkbox",
                "For what": {"type": "select", "options": ["Research", {"label": "Other"}]},
            },
        }
    )
    assert (form.heading, form.prompt, form.button) == (
        "Read the charter",
        "By asking you agree.",
        "I agree",
    )
    assert [question.kind for question in form.questions] == [
        QuestionKind.TEXT,
        QuestionKind.COUNTRY,
        QuestionKind.DATE,
        QuestionKind.CHECKBOX,
        QuestionKind.SELECT,
    ]
    assert form.questions[-1].options == ("Research", "Other")


@pytest.mark.parametrize("said", [None, "text", 7, ["a"], {}, {"": "text"}, {"  ": {}}])
def test_what_is_no_list_of_questions_asks_nothing(said):
    assert gate_form({"extra_gated_fields": said}) == GateForm()


@pytest.mark.parametrize(
    "said", ["slider", None, 3, {"type": "select"}, {"type": "select", "options": "ab"}]
)
def test_a_question_that_cannot_be_read_is_answered_in_words(said):
    [question] = gate_form({"extra_gated_fields": {"Why": said}}).questions
    assert question == GateQuestion("Why")


def test_a_card_cannot_ask_without_end():
    form = gate_form({"extra_gated_fields": {f"Question {n}": "text" for n in range(500)}})
    assert len(form.questions) == 30
