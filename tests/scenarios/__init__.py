"""Tests of Rounds: scenarios."""
