"""Benchmarks: this server against named peers and against the limits of the machine, in one run.

`make bench`, or `python -m bench --help`. Not here: tests. A figure from here never fails a build by itself.
"""
