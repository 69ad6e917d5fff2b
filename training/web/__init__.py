"""The web, politely and safely: one client for every source that is read over HTTP."""

from training.web.client import Client
from training.web.options import WebOptions
from training.web.response import FetchError, Response

__all__ = ["Client", "FetchError", "Response", "WebOptions"]
