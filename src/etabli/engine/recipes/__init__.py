"""How a model is made, one folder a recipe; each runs as a process of its own.

`python -m etabli.engine.recipes check|train JOB_DIR`

Owns: training, and examining what was trained.
May use: the tables, the foundation, scikit-learn, and the runtimes of serving, which hold what a
model needs to answer; never the hub, its database or a door.
"""
