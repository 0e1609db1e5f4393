"""Three turns of a loop that each count, then add the count: the turns overlap."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")


def unfinished(i, total):
    return tf.less(i, 3)


def turn(i, total):
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        total = total + v.read_value()
    return i + 1, total


def turn_in_order(i, total):
    with tf.control_dependencies([total]):
        count = tf.assign_add(v, 1.0)
    with tf.control_dependencies([count]):
        total = total + v.read_value()
    return i + 1, total


start = [tf.constant(0), tf.constant(0.0)]
total = tf.identity(tf.while_loop(unfinished, turn, start)[1], name="total")
in_order = tf.identity(tf.while_loop(unfinished, turn_in_order, start)[1], name="in_order")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (total, in_order):
        session.run(init)
        print(session.run(fetch), session.run(v))
