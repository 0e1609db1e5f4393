"""A cost made before a step of descent, wrapped under the step: x is new, the cost may be old."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

x = tf.Variable(1.0, name="x")
cost = 0.5 * x * x
step = tf.assign(x, x - 0.1 * x, name="step")
with tf.control_dependencies([step]):
    new_x = tf.identity(x, name="new_x")
    wrapped = tf.identity(cost, name="wrapped")
    rebuilt = tf.multiply(0.5 * x, x, name="rebuilt")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("wrapped:", session.run([new_x, wrapped]))
    session.run(init)
    print("rebuilt:", session.run([new_x, rebuilt]))
