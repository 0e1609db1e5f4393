"""v.value() under control dependencies: a reference variable returns the read it always had."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
inc = tf.assign_add(v, 1.0, name="inc")
with tf.control_dependencies([inc]):
    value = v.value()
    read_value = v.read_value()
y = tf.identity(value, name="y")
after = tf.identity(read_value, name="after")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print("value():", session.run(y))
    session.run(init)
    print("read_value():", session.run(after))
