"""Work from proposal to stint: what is recommended, what the client answers, what is ordered, worked and used."""
