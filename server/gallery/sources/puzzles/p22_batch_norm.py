"""Moving statistics that are only put into a collection stay where they started."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

moving_mean = tf.Variable(0.0, trainable=False, name="moving_mean")
w = tf.Variable(1.0, name="w")
batch = tf.constant([2.0, 4.0], name="batch")
mean = tf.reduce_mean(batch, name="mean")
update = tf.assign(moving_mean, 0.5 * moving_mean + 0.5 * mean, name="update")
tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)

loss = tf.reduce_mean(tf.square(w * batch - mean), name="loss")
descent = tf.train.GradientDescentOptimizer(0.125)
train = descent.minimize(loss, name="train")
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train_and_update = descent.minimize(loss, name="train_and_update")
init = tf.global_variables_initializer()

with tf.Session() as session:
    for target in (train, train_and_update):
        session.run(init)
        session.run(target)
        print(session.run([moving_mean, w]))
