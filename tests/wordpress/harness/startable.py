"""What the servers of the tests have in common."""

from __future__ import annotations

from typing import Self


class Startable:
    """Something that starts and stops; a context manager.

    What does not start as it should is stopped before the error goes on.
    """

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it can be used."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it; harmless where it does not run."""
        raise NotImplementedError
