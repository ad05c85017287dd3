"""As the model of words and letters, with the meaning that a frozen encoder sees."""

from collections.abc import Mapping
from typing import Any

from etabli.features.serving.runtimes.ngram import Ngram


class Hybrid(Ngram):
    name = "etabli-hybrid"

    def thresholds(self, settings: Mapping[str, Any]) -> Any:
        """Those of the second classifier, which has the last word."""
        small = settings.get("small")
        return (small if isinstance(small, dict) else settings).get("thresholds")

    def encoder(self, settings: Mapping[str, Any]) -> tuple[str, str]:
        small = settings.get("small")
        said = small.get("encoder") if isinstance(small, dict) else None
        if not isinstance(said, dict):
            raise ValueError("a model that stands on an encoder says on which")
        return str(said.get("repo")), str(said.get("commit"))
