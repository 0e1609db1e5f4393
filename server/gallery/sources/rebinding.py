"""Assigning to a Python name changes no variable: `x = x + 1` only adds an operation."""

import opscope.engine.tf as tf

x = tf.Variable(1.0, name="x")
variable = x
x = tf.add(x, 1.0, name="x_plus_one")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    for _ in range(3):
        print(session.run([x, variable]))
