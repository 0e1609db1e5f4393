"""Execution of graphs: expansion of functions, plans, the machine that fires one op at a time."""
