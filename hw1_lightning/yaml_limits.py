"""What YAML hw1 reads, be it a config, an option or a study: none that takes long."""

import yaml

# PyYAML takes seconds for 2,000.
MAX_DEPTH = 100


def check_yaml_cost(text: str) -> None:
    """Refuse YAML that would take long, or for ever, to read: deep brackets, and values that hold themselves.

    Args:
        text: YAML, or anything else.

    Raises:
        yaml.YAMLError: if brackets are nested more than ``MAX_DEPTH`` deep, or if it has aliases or is no YAML.
    """
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(f"brackets are nested more than {MAX_DEPTH} deep")
    if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
        raise yaml.YAMLError("aliases (*name) are not read; write the values out")
