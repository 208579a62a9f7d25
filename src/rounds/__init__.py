"""Rounds: the proactive side of a small IT service firm, from the check-in of a machine to the paid invoice."""

__version__ = "0.1.0"
