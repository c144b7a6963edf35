"""What runs inside the environments: `stage.py` with one `on_*.py` for each framework. None imports anything of ours."""
