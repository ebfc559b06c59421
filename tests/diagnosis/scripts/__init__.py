"""Programs of the assignment as students write them, correct and mistaken; nothing of hw1 is imported.

``python -m tests.diagnosis.scripts EXPERIMENT MISTAKE --epochs N`` prints the numbers of one program;
``registry.py`` lists all.
"""
