"""Any site: its sitemap, else its links, page by page."""
