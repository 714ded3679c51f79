"""Starts tracking servers side by side and compares what a request costs them."""
