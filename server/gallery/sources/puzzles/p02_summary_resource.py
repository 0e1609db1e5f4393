"""A value derived from a variable, beside an update: logged before it or after it."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

t = tf.Variable(283.0, name="t")
summary = tf.multiply(t, 1.0, name="summary")
update = tf.assign_add(t, 7.0, name="update")
with tf.control_dependencies([summary]):
    later_update = tf.assign_add(t, 7.0, name="later_update")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("beside:", session.run([summary, update]))
    session.run(init)
    print("in order:", session.run([summary, later_update]))
