"""What `hw1 COMMAND` does: one module a family of commands, imported only when it is called."""
