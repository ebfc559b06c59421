"""Writes the page of a study, and prints what it says."""

import sys

from hw1_lightning.judgement.claims import Judgement
from hw1_lightning.report.findings import describe_judgement, identical_conditions, not_counted
from hw1_lightning.report.page import judgements, write_report
from hw1_lightning.study.results import StudyResults


def write_page(results: StudyResults) -> list[Judgement]:
    """Write the page of a study, and print its warnings and its judgements of claims, which are returned."""
    for line in (*not_counted(results), *identical_conditions(results)):
        print(f"hw1: {line}", file=sys.stderr)
    print(f"report         {write_report(results)}")
    judged = judgements(results)
    for judgement in judged:
        print(describe_judgement(judgement))
    return judged
