"""What one run writes, a later run of the same session reads; another session has its own value."""

import opscope.engine.tf as tf

v = tf.Variable(10.0, name="v")
update = v.assign_add(5.0, name="update")
doubled = tf.multiply(v, 2.0, name="doubled")
init = tf.global_variables_initializer()

first, second = tf.Session(), tf.Session()
first.run(init)
second.run(init)
first.run(update)
print("first session:", first.run(doubled))
print("second session:", second.run(doubled))
