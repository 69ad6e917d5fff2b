"""Training: read a blog, keep what it says, and build the index that serving reads.

It imports the core and libraries, never ``service``.
"""
