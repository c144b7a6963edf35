"""What a recorded decision says, at three depths, of any two alternatives, and of any one that was not chosen."""
