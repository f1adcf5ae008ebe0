"""What staff do, record and read: use cases behind staff mode and its commands."""
