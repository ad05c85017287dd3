"""What crosses between the hub and the engine's processes, in both directions, as typed facts.

Owns: the files and lines by which the two speak, each read and written in one place; what a kind of
AI says of its quality has a module of its own, under the name of its recipe.
May use: the foundation. The hub and the engine both import it, and know of each other nothing else.
"""
