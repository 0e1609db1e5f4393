"""A check or a print that nothing waits for is not in the plan: it checks and prints nothing."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

v = tf.Variable(0.0, name="v")
check = tf.Assert(tf.less(v, 0.0), [v], name="check")
printed = tf.Print(v, [v], "v is ", name="printed")
y = tf.add(v, 1.0, name="y")
with tf.control_dependencies([check]):
    checked = tf.add(v, 1.0, name="checked")
on_the_path = tf.add(printed, 1.0, name="on_the_path")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print(session.run(y), session.run(on_the_path))
    try:
        session.run(checked)
    except tf.errors.InvalidArgumentError as error:
        print(error.message.splitlines()[0])
