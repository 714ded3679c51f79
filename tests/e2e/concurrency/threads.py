"""Runs the same work in many threads."""

from concurrent.futures import ThreadPoolExecutor

THREADS = 32


def together(work):
    """Runs `work(thread number)` in all threads; the first exception ends the test."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))
