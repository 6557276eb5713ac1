"""Calls that come in: who they are for, who answers them, what was left, and what their owner may do meanwhile."""
