"""The wizard: from a table to a published model, a step at a time.

Owns: the steps of a making, their forms, and how a result is shown.
May use: the kit, operations, and the features' nouns and errors.
"""
