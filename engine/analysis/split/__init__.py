"""The finer level: kernels that may overlap, taken apart into reads and writes of elements.

A plan whose racing kernels may overlap is rewritten: each such kernel becomes ops of its own, one
per element that it reads or writes, with edges for the order that the kernel keeps, and beside them
a first and a last op that take and give back what the kernel locks. The search then explores the
new plan as any other.

`overlap` says which kernels are taken apart, `splitter` how each is; `compute`, `update`, `scatter`
and `training` do it, and `kernel` makes the ops. `statements` and `optimizers` say what training
kernels do. Which kernel touches what in which order, and what it locks, was found out from
TensorFlow 2.21's kernels.
"""
