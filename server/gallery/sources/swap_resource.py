"""A swap that is none: each assignment reads the other variable when it happens to run."""

import opscope.engine.tf as tf

tf.enable_resource_variables()

a = tf.Variable(1.0, name="a")
b = tf.Variable(2.0, name="b")
swap = tf.group(tf.assign(a, b), tf.assign(b, a), name="swap")

old_a, old_b = tf.add(a, 0.0, name="old_a"), tf.add(b, 0.0, name="old_b")
with tf.control_dependencies([old_a, old_b]):
    safe_swap = tf.group(tf.assign(a, old_b), tf.assign(b, old_a), name="safe_swap")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    session.run(swap)
    print("swap:", session.run([a, b]))
    session.run(init)
    session.run(safe_swap)
    print("safe swap:", session.run([a, b]))
