"""From a CSV of texts and labels to a model that says which label, or that it does not know.

Read `train.py` from top to bottom: it is the whole story, one line a step.

Owns: which tables it learns from, what is learned, examined and written.
May use: the tables, the foundation, the runtimes of serving, numpy, scikit-learn (in `learning.py`
only).
"""
