"""A variable read before and after a run that updates it: three runs, in order."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
update = v.assign_add(1.0, name="update")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("before:", v.eval())
    session.run(update)
    print("after:", v.eval())
