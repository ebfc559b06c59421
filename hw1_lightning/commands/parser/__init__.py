"""Arguments, config files and options of the command line; a ``check_...`` raises an ``InputError`` for a mistake."""
