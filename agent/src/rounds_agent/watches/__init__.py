"""Watches for others: what has no agent of its own is looked at from this machine, in a short-lived child.

The shop lists the watches in the answer to a check-in; they lie in `watches.json`. The machine's own policy says
whether any may run at all, and against which networks (policy.py). Each result is a file of its own in `watched/`,
until a check-in that tells of it is in the spool. One that hangs takes nothing from the others, nor from the check-in.
"""
