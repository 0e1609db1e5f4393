"""Two assignments that are meant to swap two variables."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

a = tf.Variable(1.0, name="a")
b = tf.Variable(2.0, name="b")
swap = tf.group(tf.assign(a, b), tf.assign(b, a), name="swap")

old_a, old_b = tf.add(a, 0.0, name="old_a"), tf.add(b, 0.0, name="old_b")
with tf.control_dependencies([old_a, old_b]):
    safe_swap = tf.group(tf.assign(a, old_b), tf.assign(b, old_a), name="safe_swap")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for target in (swap, safe_swap):
        session.run(init)
        session.run(target)
        print(session.run([a, b]))
