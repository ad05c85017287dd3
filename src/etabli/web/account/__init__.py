"""Pages of one's own: signing in, the first account, settings, tokens.

Owns: the forms by which people say who they are and what they want of the hub.
May use: the kit, operations, and the features' nouns and errors.
"""
