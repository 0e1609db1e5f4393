"""A variable that grows moves to another buffer, and the read it always had stays behind."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

x = tf.Variable([], dtype=tf.int32, validate_shape=False, name="x")
longer = tf.assign(x, tf.concat([x, [0]], 0), validate_shape=False, name="longer")
with tf.control_dependencies([longer]):
    n = tf.identity(tf.shape(x)[0], name="n")
    n_now = tf.identity(tf.shape(x.read_value())[0], name="n_now")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (n, n_now):
        session.run(init)
        print([session.run(fetch) for _ in range(3)])
