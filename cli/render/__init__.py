"""How things look on a terminal. Reads documents that use cases return; computes and looks up nothing else."""
