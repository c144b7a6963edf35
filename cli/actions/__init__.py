"""What commands do: each reads its inputs, calls one use case, shows the result and returns an exit code."""
