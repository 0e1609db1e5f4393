"""A variable that only one branch updates: what a branch builds is conditional, nothing else is."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

balance = tf.Variable(100.0, name="balance")
amount = tf.placeholder(tf.float32, [], name="amount")


def withdraw():
    return tf.identity(tf.assign_sub(balance, amount), name="withdrawn")


def refuse():
    return tf.identity(balance, name="unchanged")


outcome = tf.cond(tf.less_equal(amount, balance), withdraw, refuse, name="check")
result = tf.identity(outcome, name="result")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print(session.run(result, {amount: 30.0}))
    print(session.run(result, {amount: 90.0}))
