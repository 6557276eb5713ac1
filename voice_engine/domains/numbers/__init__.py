"""Telephone numbers: found, bought, given back, forwarded; personal ones proven by a code."""
