"""The agent: watches one machine, keeps what it saw until the shop has it, and does the duties it is allowed to do."""

__version__ = "0.1.0"
