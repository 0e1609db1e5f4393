"""A checkpoint keeps variables by their names in the graph, and a second v1 is called v1_1."""

import os
import tempfile

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

first = tf.Variable([1.0, 2.0, 3.0], name="v1")
again = tf.Variable([0.0, 0.0, 0.0], name="v1")
init = tf.global_variables_initializer()

with tf.Session() as session, tempfile.TemporaryDirectory() as folder:
    session.run(init)
    path = tf.train.Saver([first]).save(session, os.path.join(folder, "model"))
    try:
        tf.train.Saver([again]).restore(session, path)
    except tf.errors.NotFoundError as error:
        print(error.message.splitlines()[0])
    tf.train.Saver({"v1": again}).restore(session, path)
    print(session.run(again))
