"""What `doctor` looks at beyond this machine: storage, carrier, the way from outside to here."""
