"""The service: answers over HTTP from the version that training published.

It imports the core and libraries and never ``training``,
and needs neither numba nor scikit-learn nor scipy to answer.
"""

from __future__ import annotations

from service.application import create_app

__all__ = ["create_app"]
