"""The server: what runs a site. The web application, the worker, and the processes behind a port.

Owns: connections and their limits, the process that moves bytes, the lock of the one instance, and
everything that reaches into uvicorn.
May use: the doors, operations, the site, and the foundation.
"""
