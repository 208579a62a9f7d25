"""Tests in a real browser, as people use the pages."""
