"""A variable whose initial value is computed from another variable, which may not be there yet."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

a = tf.Variable(42.0, name="a")
b = tf.Variable(a + 0.0, name="b")
init = tf.global_variables_initializer()

raw_b = tf.assign(b, a + 0.0, name="raw_b")
raw_init = tf.group(a.initializer, raw_b, name="raw_init")
with tf.control_dependencies([a.initializer]):
    ordered_b = tf.assign(b, a.read_value() + 0.0, name="ordered_b")
ordered_init = tf.group(ordered_b, name="ordered_init")

for target in (init, raw_init, ordered_init):
    with tf.Session() as session:
        try:
            session.run(target)
            print(session.run([a, b]))
        except tf.errors.FailedPreconditionError as error:
            print(error.message.splitlines()[0])
