"""Training does not run an update that only the wrapped cost waits for."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_resource_variables()

a = tf.Variable(0.0, name="a")
x = tf.Variable([1.0, 3.0], name="x")
up = tf.assign_add(a, 1.0, name="up")
mean = tf.reduce_mean(x, name="mean")
with tf.control_dependencies([up]):
    cost = tf.identity(mean, name="cost")
descent = tf.train.GradientDescentOptimizer(0.1)
train = descent.minimize(cost, name="train")
with tf.control_dependencies([up]):
    counted_train = descent.minimize(mean, name="counted_train")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for fetch in (cost, train, counted_train):
        session.run(init)
        session.run(fetch)
        print(session.run([a, x]))
