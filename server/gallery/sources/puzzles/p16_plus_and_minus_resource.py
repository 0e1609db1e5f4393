"""Adding in one branch, subtracting in the other, and both done, as both were built outside."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

a = tf.Variable(0.0, name="a")
up = tf.placeholder_with_default(False, [], name="up")

plus = tf.assign_add(a, 1.0, name="plus")
minus = tf.assign_sub(a, 1.0, name="minus")
outside = tf.identity(tf.cond(up, lambda: plus, lambda: minus), name="outside")

inside = tf.identity(
    tf.cond(
        up,
        lambda: tf.identity(tf.assign_add(a, 1.0)),
        lambda: tf.identity(tf.assign_sub(a, 1.0)),
    ),
    name="inside",
)
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (outside, inside):
        session.run(init)
        session.run(fetch)
        print(session.run(a))
