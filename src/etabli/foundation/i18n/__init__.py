"""I18n: what is said to people, kept apart from the language that it is said in.

Owns: messages, their translations, plural forms, and what typography each language asks for.
May use: nothing.
"""
