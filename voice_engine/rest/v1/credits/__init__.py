"""Credits: balance, history, prices and plans."""
