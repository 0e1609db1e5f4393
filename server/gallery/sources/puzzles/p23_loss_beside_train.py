"""The loss fetched beside the training step is that of the weights before it, or after it."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

w = tf.Variable(1.0, name="w")
loss = tf.multiply(w, w, name="loss")
train = tf.train.GradientDescentOptimizer(0.25).minimize(loss, name="train")
with tf.control_dependencies([train]):
    wrapped = tf.identity(loss, name="wrapped")
    rebuilt = tf.multiply(w, w, name="rebuilt")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetches in ([train, loss, w], [wrapped], [rebuilt]):
        session.run(init)
        print(session.run(fetches))
