"""The voices that a business may choose from, and samples of them."""
