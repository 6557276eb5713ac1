"""What a business has paid for: its plan, its minutes, what it talked beyond them."""
