"""Adapters: the logs of telephone systems in, canonical events out."""
