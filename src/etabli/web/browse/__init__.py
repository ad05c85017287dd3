"""Pages that find things: home, lists, searches, and what somebody has.

Owns: the lists and what is shown of each thing in them.
May use: the kit, operations, and the features' nouns and errors.
"""
