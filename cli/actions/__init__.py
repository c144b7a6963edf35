"""What commands do: each reads its inputs, calls one use case and hands the result to a renderer; returns an exit code."""
