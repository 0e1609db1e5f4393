"""The counter without a graph: each statement runs at once, so there is nothing to race."""

import opscope.engine.tf as tf

tf.enable_eager_execution()

v = tf.Variable(0.0, name="v")
for _ in range(3):
    v.assign_add(1.0)
    print(v.numpy())
