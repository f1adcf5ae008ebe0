"""What staff practise with."""
