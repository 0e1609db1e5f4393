"""Two read-modify-write assignments under one dependency: both run, one update may be lost."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
a = tf.assign(v, v + 100.0, name="a")
b = tf.assign(v, v + 1.0, name="b")
with tf.control_dependencies([a, b]):
    c = tf.constant(7.0, name="c")

add_a = tf.assign_add(v, 100.0, name="add_a")
add_b = tf.assign_add(v, 1.0, name="add_b")
with tf.control_dependencies([add_a, add_b]):
    d = tf.constant(7.0, name="d")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (c, d):
        session.run(init)
        session.run(fetch)
        print(session.run(v))
