"""What others call when something happened to a call: other engines, carriers."""
