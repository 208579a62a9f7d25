"""Agents on machines: enrolment, check-ins as received, the latest state of each machine, jobs ordered of them."""
