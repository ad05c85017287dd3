"""From a table of texts with several labels each to a model that says every label that fits.

Read `train.py` from top to bottom: it is the whole story, one line a step.

Owns: which tables it learns from, what is learned, examined and written.
May use: the tables, the foundation, the runtimes of serving, what stands beside the recipes, numpy,
scikit-learn.
"""
