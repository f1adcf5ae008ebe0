"""What a teller sees and presses."""
