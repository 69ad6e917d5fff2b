"""Writing over HTTP: posts, decisions about lists, and webhooks of blog software."""
