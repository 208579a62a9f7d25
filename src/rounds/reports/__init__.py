"""The daily report of each client, made once at his hour and kept as made; a technician's review of it is evidence."""
