"""What a walk-in customer sees."""
