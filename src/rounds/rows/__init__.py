"""Many new rows at once, for every stage that keeps what a rule found."""
