"""Identity of a reference variable is its buffer under another name, not a copy of it."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

x = tf.Variable(0.0, name="x")
old = tf.identity(x, name="old")
with tf.control_dependencies([old]):
    new = tf.assign(x, x + 1.0, name="new")
    inc = tf.assign_add(x, 1.0, name="inc")
with tf.control_dependencies([inc]):
    newer = tf.identity(x.value(), name="newer")

copy = tf.add(x, 0.0, name="copy")
with tf.control_dependencies([copy]):
    new_after_copy = tf.assign(x, x + 1.0, name="new_after_copy")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetches in ([old, new, x], [old, newer], [copy, new_after_copy]):
        session.run(init)
        print(session.run(fetches))
