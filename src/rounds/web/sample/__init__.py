"""The sample shop: five clients, one per plan, and a year of their history, made through the public verbs."""
