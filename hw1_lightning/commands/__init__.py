"""The subcommands of `hw1`: one module each, imported only when its subcommand is called."""
