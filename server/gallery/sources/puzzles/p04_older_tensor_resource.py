"""Wrapping a tensor under control dependencies holds back the wrapper, not the tensor."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

x = tf.Variable(0.0, name="x")
z = tf.multiply(x, 2.0, name="z")
inc = tf.assign_add(x, 1.0, name="inc")
with tf.control_dependencies([inc]):
    y = tf.identity(z, name="y")
    rebuilt = tf.multiply(x, 2.0, name="rebuilt")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("wrapped:", session.run(y))
    session.run(init)
    print("rebuilt:", session.run(rebuilt))
