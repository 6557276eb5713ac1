"""Plans as the payment provider sells them."""
