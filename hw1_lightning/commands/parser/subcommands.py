"""The subcommands of `hw1`: the module of each, and the line that `hw1 --help` prints about it.

A module has a function ``run(args) -> exit status``, and is imported only when its subcommand is called.
"""

COMMANDS = {
    "fit": ("training", "train a model and evaluate it on the test split"),
    "validate": ("training", "evaluate a trained model on the validation split"),
    "test": ("training", "evaluate a trained model on the test split"),
    "predict": ("training", "write what a trained model predicts, for your own pictures or the test split"),
    "export": ("export", "write a trained model as an ONNX file"),
    "study": ("study", "compare conditions over many seeds, and report what the evidence supports"),
    "compare": ("compare", "compare runs: options that differ, metrics side by side, curves on a page"),
    "verify": ("verify", "run a run again, and say how far its numbers agree"),
    "data": ("data", "look at, import and download data"),
    "configs": ("configs", "list the configs and studies that hw1 ships, or copy them"),
    "completion": ("completion", "print a script that completes commands and options in a shell"),
}
