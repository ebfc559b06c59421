"""Pages, tables and figures of studies and of compared runs."""
