"""Tests of Rounds: core."""
