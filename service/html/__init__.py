"""Lists of related posts as HTML, for pages that are put together on a server."""
