"""Tests of Rounds: faults."""
