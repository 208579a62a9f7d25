"""What work costs under the agreement: rated stints, draws on hours and retainers, and the closing of a month."""
