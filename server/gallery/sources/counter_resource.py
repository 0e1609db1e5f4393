"""A counter: one variable, one assignment that adds to it, and a run that fetches both."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
update = v.assign_add(1.0, name="update")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    for _ in range(3):
        print(session.run([update, v]))
