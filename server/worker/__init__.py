"""The process that runs one session: it alone executes what a program says."""
