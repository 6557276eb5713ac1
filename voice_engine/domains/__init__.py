"""What the product knows: one package a concept, with its rows, its SQL and its rules. No HTTP, no wire schema."""
