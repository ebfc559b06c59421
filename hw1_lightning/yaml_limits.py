"""Limits on YAML in configs, options and studies, so that reading it never takes long."""

import yaml

# PyYAML takes seconds for 2,000.
MAX_DEPTH = 100


def check_yaml_cost(text: str) -> None:
    """Refuse YAML that takes long, or forever, to read: deeply nested brackets, and aliases.

    Args:
        text: any text.

    Raises:
        yaml.YAMLError: if brackets are nested more than ``MAX_DEPTH`` deep, or if it has aliases or is not YAML.
    """
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(f"brackets are nested more than {MAX_DEPTH} deep")
    if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
        raise yaml.YAMLError("aliases (*name) are not allowed; write out the values")
