"""From a folder of documents to an AI that quotes them, or says that they do not say.

Read `check.py` and `train.py` from top to bottom: each is the whole story, one line a step.

Owns: passages, their index, the questions that are made to examine it, what is written.
May use: the foundation, the reading of documents, the runtimes, numpy, scikit-learn (in
`deciding.py` only).
"""
