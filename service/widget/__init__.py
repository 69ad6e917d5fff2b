"""The widget: its scripts and the page that configures it, as the service hands them out."""
