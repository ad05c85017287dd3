"""What every feature stands on: the database, errors, words, events, background jobs, the clock.

Owns: no product idea; if a file here needs to know what a repository is, it is in the wrong folder.
May use: the standard library and third-party packages, nothing else of Établi.
"""
