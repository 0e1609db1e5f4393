"""The subcommands of `opscope`, a module each: `configure(parser)` and `run(arguments)`."""
