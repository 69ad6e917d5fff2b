"""The API under ``/v1``: what is asked, what is answered, and in which shape."""
