"""How two decisions differ, and how much of it came from which inputs."""
