"""What is looked for in a photo before it is used. Runs inside workers, see `survey`."""
