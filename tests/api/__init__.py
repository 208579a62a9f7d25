"""Tests of the stage api."""
