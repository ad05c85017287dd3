"""The pages of one repository: its card, files, history, discussions, and a question to its model.

Owns: the pages behind the name of a repository.
May use: the kit, operations, and the features' nouns and errors.
"""
