"""Cut files that came in one piece into chunks, as a Xet client does: `python -m` this.

Owns: how the client's own library is driven; the hub stays the one that checks what it sends.
May use: `hf_xet`, from the extra `etabli[xet]`.
"""
