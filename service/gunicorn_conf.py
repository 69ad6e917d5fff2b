"""Gunicorn's configuration file: ``gunicorn -c python:service.gunicorn_conf``.

Our settings come from the data folder's file and the environment, as for
``related-posts serve``; gunicorn's own flags win over what stands here.
"""

from __future__ import annotations

import sys

from related_posts.errors import ConfigError
from service.server import options
from service.settings import ServiceSettings

try:
    globals().update(options(ServiceSettings.load()))
except ConfigError as mistake:
    sys.exit(f"Error: {mistake}")
