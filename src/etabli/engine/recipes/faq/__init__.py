"""From a table of questions and answers to an AI that replies with the answers, and only with them.

A search over the questions or, where there are phrasings enough and it is proven better on them, a
classifier of another recipe, whose replies are the answers. Read `check.py` and `train.py` from top
to bottom: each is the whole story.

Owns: which table is a FAQ, its answers and their phrasings, the choice between search and
classifier, the examination of a search, what is written of it.
May use: the foundation, the reading of tables, the runtimes, numpy; the program of the recipe that
classifies texts.
"""
