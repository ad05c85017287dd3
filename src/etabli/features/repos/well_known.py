"""Names without an owner that are known from examples and papers, and what they mean.

Source: where the reference hub leads whoever asks for one.
"""

from collections.abc import Mapping

from etabli.features.repos.models import RepoType

_MODELS = {
    "openai-community": """gpt2 gpt2-medium gpt2-large gpt2-xl openai-gpt
        roberta-base-openai-detector roberta-large-openai-detector""",
    "google-bert": """bert-base-uncased bert-base-cased bert-large-uncased bert-large-cased
        bert-base-chinese bert-base-multilingual-cased bert-base-multilingual-uncased
        bert-base-german-cased bert-base-german-dbmdz-cased bert-base-german-dbmdz-uncased
        bert-base-cased-finetuned-mrpc bert-large-uncased-whole-word-masking
        bert-large-cased-whole-word-masking
        bert-large-uncased-whole-word-masking-finetuned-squad
        bert-large-cased-whole-word-masking-finetuned-squad""",
    "google-t5": "t5-small t5-base t5-large t5-3b t5-11b",
    "distilbert": """distilbert-base-uncased distilbert-base-cased distilbert-base-german-cased
        distilbert-base-multilingual-cased distilbert-base-uncased-distilled-squad
        distilbert-base-cased-distilled-squad distilbert-base-uncased-finetuned-sst-2-english
        distilgpt2 distilroberta-base""",
    "FacebookAI": """roberta-base roberta-large roberta-large-mnli xlm-roberta-base
        xlm-roberta-large xlm-roberta-large-finetuned-conll02-dutch
        xlm-roberta-large-finetuned-conll02-spanish xlm-roberta-large-finetuned-conll03-english
        xlm-roberta-large-finetuned-conll03-german xlm-clm-ende-1024 xlm-clm-enfr-1024
        xlm-mlm-17-1280 xlm-mlm-100-1280 xlm-mlm-en-2048 xlm-mlm-ende-1024 xlm-mlm-enfr-1024
        xlm-mlm-enro-1024 xlm-mlm-tlm-xnli15-1024 xlm-mlm-xnli15-1024""",
    "albert": """albert-base-v1 albert-base-v2 albert-large-v1 albert-large-v2 albert-xlarge-v1
        albert-xlarge-v2 albert-xxlarge-v1 albert-xxlarge-v2""",
    "xlnet": "xlnet-base-cased xlnet-large-cased",
    "transfo-xl": "transfo-xl-wt103",
    "Salesforce": "ctrl",
    "almanach": "camembert-base",
}
_DATASETS = {
    "rajpurkar": "squad squad_v2",
    "nyu-mll": "glue multi_nli",
    "aps": "super_glue",
    "stanfordnlp": "imdb snli",
    "Salesforce": "wikitext",
    "abisee": "cnn_dailymail",
    "EdinburghNLP": "xsum",
    "fancyzhx": "ag_news",
    "ylecun": "mnist",
    "uoft-cs": "cifar10 cifar100",
    "eriktks": "conll2003",
    "dair-ai": "emotion",
    "cornell-movie-review-data": "rotten_tomatoes",
    "Rowan": "hellaswag",
    "openai": "gsm8k",
    "google": "boolq",
    "ybisk": "piqa",
    "zalando-datasets": "fashion_mnist",
}


def _named(by_owner: Mapping[str, str]) -> Mapping[str, str]:
    return {name: f"{owner}/{name}" for owner, names in by_owner.items() for name in names.split()}


WELL_KNOWN: Mapping[RepoType, Mapping[str, str]] = {
    RepoType.MODEL: _named(_MODELS),
    RepoType.DATASET: _named(_DATASETS),
}
