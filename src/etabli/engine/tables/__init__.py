"""Tables as people have them: read, looked over, corrected, whatever is learned from them.

Owns: the formats, where a table is in its file, its columns, its rows, what is found in them.
May use: the foundation, what crosses to the hub, numpy; never a recipe.
"""
