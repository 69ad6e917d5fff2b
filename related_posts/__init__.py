"""Related posts for any blog: the core that training and serving share.

The core reads no environment variable, opens no socket and knows no web
framework. ``training`` writes with it, ``service`` reads with it.
"""

from related_posts.posts import Image, Post

__version__ = "0.1.0"

__all__ = ["Image", "Post", "__version__"]
