"""A loop body that updates a variable and does not use the update: the update is dropped."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

v = tf.Variable(0.0, name="v")


def unfinished(i):
    return tf.less(i, 3)


def drops(i):
    tf.assign_add(v, 1.0)
    return i + 1


def keeps(i):
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        return i + 1


dropped = tf.identity(tf.while_loop(unfinished, drops, [tf.constant(0)]), name="dropped")
kept = tf.identity(tf.while_loop(unfinished, keeps, [tf.constant(0)]), name="kept")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (dropped, kept):
        session.run(init)
        print(session.run(fetch), session.run(v))
