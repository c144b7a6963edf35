"""How fast Steelyard is beside other libraries on tables of the same size. Run with `python -m benchmarks`.

Figures are ratios within one run; nothing here is a test, and no test looks at a time.
"""
