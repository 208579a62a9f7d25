"""What is wrong or at risk at a client: findings, opened and closed by evidence."""
