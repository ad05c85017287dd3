"""The Xet format: hashes, chunks, xorbs, shards. Pure: from bytes to values, and back.

Owns: that format, and what makes it valid.
May use: the errors of blobs.
Source: the specification in huggingface/hub-docs, docs/xet; huggingface/xet-core, where it is mute.
"""
