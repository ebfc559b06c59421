"""Arguments, config files and options of the command line, and the messages about mistakes in them."""
