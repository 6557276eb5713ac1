"""What is kept of a call and for how long, and what one caller may see of it or have erased."""
