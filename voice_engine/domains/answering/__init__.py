"""What the engine is told when a business's assistant talks, whoever called whom."""
