"""Operations: what takes more than one unit of work. The slow part first, then the rows.

Owns: the order of the steps of each use case, and what is told when one fails.
May use: the site, the hub and its features, the pools. No operation speaks: doors do.
Words: an operation is a function of a `site`; *idempotent* says that it may run twice.
"""
