"""What other engines tell of calls that they hold for us, taken into the same rows that our own engine writes."""
