"""A scalar becomes a vector of one element: same buffer, another shape."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

x = tf.Variable(0.0, validate_shape=False, name="x")
reshaped = tf.assign(x, [1.0], validate_shape=False, name="reshaped")
with tf.control_dependencies([reshaped]):
    plus_two = tf.add(x, 2.0, name="plus_two")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print(session.run(plus_two))
