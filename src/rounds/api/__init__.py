"""JSON over HTTP for other programs: clients, work and money, read and recorded through the verbs of the pages."""
