"""What commands do: each reads its inputs, calls one use case, shows the result and returns an exit code.

Renderers are imported where a person is shown something: a program that asks for JSON does not wait for them.
"""
