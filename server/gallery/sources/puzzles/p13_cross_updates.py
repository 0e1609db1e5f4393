"""Two updates that use each other: either may come first, or both may read before either writes."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

a = tf.Variable(0.0, name="a")
b = tf.Variable(0.0, name="b")
u = tf.assign(a, b + 1.0, name="u")
w = tf.assign(b, a + 1.0, name="w")
with tf.control_dependencies([u]):
    w_after_u = tf.assign(b, a + 1.0, name="w_after_u")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("beside:", session.run([u, w]))
    session.run(init)
    print("in order:", session.run([u, w_after_u]))
