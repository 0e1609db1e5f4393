"""A loop that carries a state and updates a variable in each turn, as a recurrent network does."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

steps = tf.constant(4, name="steps")
weight = tf.Variable(0.5, name="weight")
seen = tf.Variable(0.0, name="seen")


def unfinished(step, state):
    return tf.less(step, steps)


def turn(step, state):
    following = tf.tanh(weight * state + 1.0)
    count = tf.assign_add(seen, 1.0)
    with tf.control_dependencies([count]):
        following = tf.identity(following)
    return step + 1, following


_, state = tf.while_loop(unfinished, turn, [tf.constant(0), tf.constant(0.0)], name="loop")
result = tf.identity(state, name="result")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print(session.run(result), session.run(seen))
