"""The heart of Rounds: values in, values out; no Django, no clock, no randomness, no input or output."""
