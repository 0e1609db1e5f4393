"""Adam brings variables of its own: an initializer made before it leaves them empty."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

w = tf.Variable(1.0, name="w")
loss = tf.multiply(w, w, name="loss")
init = tf.global_variables_initializer()
train = tf.train.AdamOptimizer(0.25).minimize(loss, name="train")
late_init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    try:
        session.run(train)
    except tf.errors.FailedPreconditionError as error:
        print(error.message.splitlines()[0])
    session.run(late_init)
    session.run(train)
    print(session.run(w))
