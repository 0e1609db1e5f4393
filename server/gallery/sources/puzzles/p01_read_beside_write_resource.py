"""A read beside a write: which one the fetch of v shows depends on the kind of variable."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
update = tf.assign_add(v, 1.0, name="update")
with tf.control_dependencies([update]):
    after = tf.identity(v.read_value(), name="after")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("beside:", session.run([update, v]))
    session.run(init)
    print("after:", session.run([update, after]))
