"""However many fetches need an operation, it runs once; three operations run three times."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
a = tf.assign_add(v, 1.0, name="a")
b = tf.multiply(a, 10.0, name="b")
c = tf.multiply(a, 100.0, name="c")
turns = tf.group(*[tf.assign_add(v, 1.0, name="turn") for _ in range(3)], name="turns")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetches in ([a, a, a], [b, c], turns):
        session.run(init)
        print(session.run(fetches), session.run(v))
