"""The subcommands of `hw1`: the module of each, and the line that `hw1 --help` prints about it.

A module is imported only when its subcommand is called. Its function ``run(args)`` gets the subcommand and its options,
and returns the exit status; it raises ``InputError`` for a mistake in the arguments, a file or the data.
"""

COMMANDS = {
    "fit": ("training", "train a model and evaluate it on the test split"),
    "validate": ("training", "evaluate a trained model on the validation split"),
    "test": ("training", "evaluate a trained model on the test split"),
    "predict": ("training", "write the predictions of a trained model, for your own images or the test split"),
    "export": ("export", "write a trained model as an ONNX file"),
    "study": ("study", "compare conditions over many seeds, and report what the evidence supports"),
    "compare": ("compare", "compare runs: options that differ, metrics side by side, curves on a page"),
    "verify": ("verify", "repeat a run, and report how far its numbers agree"),
    "diagnose": ("diagnose", "find the mistakes behind reported numbers"),
    "data": ("data", "describe, import and download data"),
    "configs": ("configs", "list the configs and studies that hw1 ships, or copy them"),
    "completion": ("completion", "print a script that completes commands and options in a shell"),
}
