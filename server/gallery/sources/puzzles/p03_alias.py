"""A Python name bound under control dependencies creates no operation for them to hold back."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

x = tf.Variable(0.0, name="x")
inc = tf.assign_add(x, 1.0, name="inc")
with tf.control_dependencies([inc]):
    y = x
    inside = tf.identity(x, name="inside")
    plus_two = tf.add(x, 2.0, name="plus_two")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (y, inside, plus_two):
        session.run(init)
        print([session.run(fetch) for _ in range(3)])
