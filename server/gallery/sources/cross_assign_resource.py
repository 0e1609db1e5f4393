"""Two assignments, each of which reads what the other writes: three results are possible."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

a = tf.Variable(0.0, name="a")
b = tf.Variable(0.0, name="b")
set_a = tf.assign(a, b + 1.0, name="set_a")
set_b = tf.assign(b, a + 1.0, name="set_b")
both = tf.group(set_a, set_b, name="both")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    session.run(both)
    print(session.run([a, b]))
