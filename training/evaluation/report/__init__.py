"""The report: an evaluation as one HTML file that needs nothing but itself."""
