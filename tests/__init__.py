"""Tests of Rounds."""
