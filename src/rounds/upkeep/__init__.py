"""Recurring maintenance: routines, the duties that fall due under them, and the evidence that they were done."""
