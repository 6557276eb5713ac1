"""A self-hosted AI phone line: the call engine, its built-in carrier and its command line."""

__version__ = "0.1.0"
