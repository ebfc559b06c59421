"""The diagnosis of a report as text, JSON, a table of scores and a page."""
