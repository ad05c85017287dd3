"""From answers and their phrasings to a search that nothing was learned for yet."""

from collections.abc import Sequence

from etabli.engine.recipes.faq.deciding import NOTHING_LEARNED
from etabli.engine.runtimes.faq import Entry, FaqAnalyzer, FaqParts, FaqRetriever
from etabli.engine.runtimes.word_index import build


def index(entries: Sequence[Entry], language: str) -> FaqRetriever:
    analyzer = FaqAnalyzer(language)
    built = build([analyzer.terms(text) for one in entries for text in one.questions])
    learned = NOTHING_LEARNED
    return FaqRetriever(FaqParts(entries, built, learned.belief, learned.clear_lead, language))
