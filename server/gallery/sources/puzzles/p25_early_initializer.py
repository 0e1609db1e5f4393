"""An initializer knows the variables that existed when it was made, and no later one."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

init = tf.global_variables_initializer()
v = tf.Variable([1.0, 2.0, 3.0], name="v")
late_init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    try:
        session.run(v)
    except tf.errors.FailedPreconditionError as error:
        print(error.message.splitlines()[0])
    session.run(late_init)
    print(session.run(v))
