"""A product beside an update of one of its factors, which it sees or does not see."""

import opscope.engine.tf as tf

a = tf.Variable(2.0, name="a")
b = tf.Variable(3.0, name="b")
add = a.assign_add(b, name="add")
mul = tf.multiply(a, b, name="mul")
init = tf.global_variables_initializer()

with tf.Session() as session:
    session.run(init)
    print(session.run([add, mul, a, b]))
