"""What the probes ask of Windows, by PowerShell and wevtutil in a short-lived process; what reads it needs no Windows.

Never run on Windows: the functions that read are tested on answers in the shapes that the vendor's documentation shows.
"""
