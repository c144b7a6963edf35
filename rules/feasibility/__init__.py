"""How much memory a model needs, and whether a device has it: pure arithmetic with its formulas and sources.

`plan` says what is asked, `memory` what it takes (item by item, each with a low, a typical and a high value),
`fitting` whether that fits and what would, and `facts` what a project's answers make of it, for one project and for
columns of them. It knows no frameworks, and looks at no machine: what is not known widens the interval, or leaves the
answer unknown. Bytes are bytes; a GiB is 2^30 of them.
"""
