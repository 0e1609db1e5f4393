"""An assignment that is built and never fetched, and a Python name that is bound again."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

x = tf.Variable(1.0, name="x")
assign = x.assign(5.0, name="assign")

z = variable = tf.Variable(0.0, name="z")
z = tf.add(z, 1.0, name="rebound")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("x:", session.run(x))
    print("z:", session.run(z), session.run(z), "the variable:", session.run(variable))
    session.run(assign)
    print("x, assigned:", session.run(x))
