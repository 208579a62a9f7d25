"""Daily reports."""
