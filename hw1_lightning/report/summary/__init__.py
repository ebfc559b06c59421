"""The summary of several studies: which claims hold, on one page that can be drawn from its data files alone."""
