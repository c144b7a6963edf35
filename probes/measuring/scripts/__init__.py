"""What runs inside the environments: `stage.py` with an `on_*.py` for each framework. None imports anything of ours."""
