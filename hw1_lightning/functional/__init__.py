"""Pure tensor mathematics: torch and numpy only, no Lightning."""
