"""Assignments built outside the branches of a cond run whichever branch is taken."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

x1 = tf.Variable(1.0, name="x1")
x2 = tf.Variable(1.0, name="x2")
yes = tf.placeholder_with_default(True, [], name="yes")

set1, set2 = tf.assign(x1, 2.0, name="set1"), tf.assign(x2, 2.0, name="set2")
with tf.control_dependencies([set1]):
    r1 = tf.identity(x1, name="r1")
with tf.control_dependencies([set2]):
    r2 = tf.identity(x2, name="r2")
outside = tf.identity(tf.cond(yes, lambda: r1, lambda: r2), name="outside")

inside = tf.identity(
    tf.cond(
        yes,
        lambda: tf.identity(tf.assign(x1, 2.0)),
        lambda: tf.identity(tf.assign(x2, 2.0)),
    ),
    name="inside",
)
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (outside, inside):
        session.run(init)
        session.run(fetch)
        print(session.run([x1, x2]))
