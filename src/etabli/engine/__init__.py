"""What learns and what answers, each in a process of its own: heavy libraries live here only.

Owns: recipes, which make a model from a table in a folder, and runtimes, which answer with one.
May use: the foundation's errors and words, numpy, safetensors; recipes also scikit-learn. Nobody
imports it: it is started with `python -m`, and speaks through files and pipes.
"""
