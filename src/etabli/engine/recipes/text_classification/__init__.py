"""From a CSV of texts and labels to a model that says which label, or that it does not know.

Read `check.py` and `train.py` from top to bottom: each is the whole story, one line a step.

Owns: the files of one job: what is read, checked, cleaned, learned, examined and written.
May use: the foundation, the runtimes of serving, numpy, scikit-learn (in `learning.py` only).
"""
