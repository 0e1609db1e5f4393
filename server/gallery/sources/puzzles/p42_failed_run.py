"""A run that fails has still written: a run is no transaction."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

v = tf.Variable(0.0, name="v")
p = tf.placeholder(tf.float32, [], name="p")
a = tf.assign_add(v, 1.0, name="a")
bad = tf.check_numerics(tf.divide(p, 0.0), "p / 0", name="bad")
with tf.control_dependencies([bad]):
    guarded = tf.assign_add(v, 1.0, name="guarded")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetches in ([a, bad], [guarded]):
        session.run(init)
        try:
            session.run(fetches, {p: 1.0})
        except tf.errors.InvalidArgumentError as error:
            print(error.message.splitlines()[0])
        print(session.run(v))
