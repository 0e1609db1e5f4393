"""Small programs that build a graph with the module that they are given: ours or TensorFlow's.

Each returns what to run, in order: a list of (fetches, feeds).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Runs = list[tuple[Any, dict[Any, Any]]]


def arithmetic(tf: Any) -> Runs:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]], name="x")
    y = x + 1.0
    z = 2.0 * x - y / 4.0
    w = x**2.0 // 3.0
    m = x @ y
    comparisons = [x < 2.0, x <= y, x > 1.0, x >= y, tf.equal(x, 2.0), tf.not_equal(x, y)]
    ints = tf.constant([7, -7])
    divided = [ints / 2, ints // 2, ints % 3, -ints, abs(ints)]
    named = [tf.add(x, y), tf.subtract(x, y), tf.multiply(x, y, name="times"), tf.divide(x, y)]
    more = [tf.square(x), tf.sqrt(x), tf.exp(x), tf.log(x), tf.pow(x, y), tf.maximum(x, y)]
    bools = [(x < 2.0) & (y > 1.0), (x < 2.0) | (y > 1.0), ~(x < 2.0)]
    return [([y, z, w, m, comparisons, divided, named, more, bools], {})]


def reductions(tf: Any) -> Runs:
    x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    p = tf.placeholder(tf.float32, [None, 3], name="p")
    s = tf.constant(5.0, name="s")
    found = [
        tf.reduce_sum(x),
        tf.reduce_mean(x, axis=1),
        tf.reduce_max(x, 0, keepdims=True),
        tf.reduce_min(p, axis=[0, 1]),
        tf.reduce_sum(s),
        tf.reduce_prod(p, name="product"),
        tf.argmax(x, 1),
        tf.argmin(x),
        tf.reduce_all(x > 0.0),
    ]
    return [(found, {p: np.arange(6.0).reshape(2, 3) + 1})]


def arrays(tf: Any) -> Runs:
    x = tf.constant(np.arange(24.0, dtype=np.float32).reshape(2, 3, 4), name="x")
    p = tf.placeholder(tf.float32, [None, 4], name="p")
    i = tf.constant(1)
    found = [
        x[0],
        x[:, 1:3],
        x[..., -1],
        x[:, tf.newaxis, ::2],
        x[i],
        p[1:, 0],
        tf.reshape(x, [-1, 6]),
        tf.transpose(x),
        tf.transpose(x, [1, 0, 2]),
        tf.concat([x, x], 1),
        tf.concat([x], 0),
        tf.stack([i, 2, 3]),
        tf.stack([x, x], axis=1),
        tf.unstack(x, axis=1),
        tf.expand_dims(x, 1),
        tf.squeeze(tf.expand_dims(x, 0)),
        tf.squeeze(tf.expand_dims(x, 0), [0]),
        tf.split(x, 2, 2),
        tf.split(x, [1, 2], 1),
        tf.shape(x),
        tf.shape(p),
        tf.size(x),
        tf.rank(p),
        tf.gather(x, [1, 0]),
        tf.gather(x, [2], axis=1),
        tf.where(x > 3.0),
        tf.where(x > 3.0, x, -x),
        tf.zeros([2, 3]),
        tf.ones([2], tf.int32),
        tf.zeros_like(x),
        tf.zeros_like(p),
        tf.ones_like(p),
        tf.fill([2, 2], 7),
        tf.range(5),
        tf.range(1.0, 2.0, 0.25),
        tf.cast(x, tf.int32),
        tf.tile(i[tf.newaxis], [3]),
        tf.one_hot([0, 2], 3),
        tf.slice(x, [0, 1, 0], [1, 2, -1]),
        tf.pad(p, [[1, 0], [0, 1]]),
        tf.convert_to_tensor([i, i + 1]),
        tf.identity(p, name="same"),
        tf.clip_by_value(p, 0.0, 2.0),
        tf.add_n([p, p, p]),
    ]
    return [(found, {p: np.arange(8.0).reshape(2, 4)})]


def names(tf: Any) -> Runs:
    with tf.name_scope("outer"):
        a = tf.constant(1.0)
        with tf.name_scope("inner") as inner:
            b = tf.add(a, 1.0)
        with tf.name_scope("inner"):
            c = tf.add(b, 1.0, name="sum")
        with tf.name_scope(inner):
            d = tf.constant(2.0)
        with tf.name_scope(None):
            e = tf.constant(3.0)
    f = tf.constant(4.0, name="Outer")
    g = tf.constant(5.0, name="const")
    with tf.name_scope(None, "default", [a]):
        h = tf.constant(6.0)
    with tf.variable_scope("scope"):
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        w = v + 1.0
    with tf.variable_scope("scope", reuse=True):
        same = tf.get_variable("v")
        z = same * 2.0
    with tf.variable_scope("scope", reuse=tf.AUTO_REUSE):
        u = tf.get_variable("u", initializer=[1.0, 2.0])
    with tf.device("/cpu:0"), tf.device("/job:localhost"):
        tf.constant(8.0, name="placed")
    with tf.control_dependencies([a, b]):
        n = tf.identity(c)
        o = tf.identity(n)
        with tf.control_dependencies(None):
            q = tf.constant(9.0)
        with tf.control_dependencies([q.op]):
            r = tf.no_op()
    init = tf.global_variables_initializer()
    return [(init, {}), ([d, e, f, g, h, w, z, u, o, q, r], {})]


def variables(tf: Any) -> Runs:
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(tf.ones([2]) * 3.0)
    u = tf.Variable(lambda: tf.constant(4.0), name="u")
    dependent = tf.Variable(v * 2.0, name="dependent")
    reads = [v.value(), v.read_value(), tf.identity(v), v + 1.0, 1.0 + v, v * w, -v, v[0]]
    more = [tf.reduce_sum(v), tf.stack([u, 1.0]), tf.concat([v, w], 0), tf.shape(v)]
    first = v.assign([5.0, 6.0])
    with tf.control_dependencies([first]):
        second = v.assign_add([1.0, 1.0])
    with tf.control_dependencies([second]):
        third = tf.assign_sub(w, [1.0, 1.0])
        after = tf.identity(v)
    with tf.control_dependencies([v]):
        beside = tf.constant(1.0)
    init = tf.global_variables_initializer()
    more_init = tf.variables_initializer([u], name="again")
    sparse = tf.scatter_update(w, [0], [9.0])
    added = tf.scatter_add(w, [1, 1], [1.0, 1.0])
    return [
        ([u.initializer, v.initializer], {}),
        (init, {}),
        (reads + more, {}),
        ([third, after, beside], {}),
        ([v, w, u, dependent], {}),
        (more_init, {}),
        (sparse, {}),
        (added, {}),
        ([w, tf.is_variable_initialized(v)], {}),
    ]


def chained(tf: Any) -> Runs:
    v = tf.Variable(0.0, name="v")
    a = tf.assign_add(v, 1.0)
    b = tf.assign(v, a * 3.0)
    c = a + 1.0
    group = tf.group(a, b, name="both")
    both = tf.tuple([c, b])
    init = tf.global_variables_initializer()
    return [(init, {}), (group, {}), (v, {}), (both[1], {})]


def conditional(tf: Any) -> Runs:
    v = tf.Variable(1.0, name="v")
    p = tf.placeholder(tf.bool, [], name="p")
    x = tf.constant(10.0, name="x")

    def taken() -> Any:
        return tf.assign_add(v, x), tf.constant(1)

    def other() -> Any:
        return v + x * 2.0, tf.constant(2)

    both = tf.cond(p, taken, other)
    plain = tf.cond(p, lambda: x, lambda: x + 1.0, name="plain")
    ops = tf.cond(p, lambda: tf.group(tf.assign(v, 0.0)), lambda: tf.no_op())
    nested = tf.cond(
        p, lambda: tf.cond(x > 5.0, lambda: x, lambda: -x), lambda: tf.constant(0.0), name="nest"
    )
    chosen = tf.case([(x < 1.0, lambda: x), (x < 20.0, lambda: x * 2.0)], default=lambda: -x)
    init = tf.global_variables_initializer()
    return [
        (init, {}),
        (both, {p: True}),
        (both, {p: False}),
        ([plain, nested, chosen], {p: True}),
        ([plain, nested], {p: False}),
        (ops, {p: True}),
        (v, {}),
    ]


def loops(tf: Any) -> Runs:
    v = tf.Variable(0.0, name="v")
    n = tf.constant(5, name="n")
    total = tf.while_loop(lambda i: i < n, lambda i: i + 1, [tf.constant(0)])

    def body(i: Any, x: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(v, 1.0)]):
            return i + 1, x * 2.0 + tf.constant(1.0)

    powers = tf.while_loop(
        lambda i, x: i < n, body, (tf.constant(0), tf.constant(1.0)), parallel_iterations=1
    )
    limited = tf.while_loop(
        lambda i: i < 100, lambda i: i + 1, [0], maximum_iterations=7, name="limited"
    )
    grown = tf.while_loop(
        lambda i, x: i < 3,
        lambda i, x: (i + 1, tf.concat([x, x], 0)),
        [tf.constant(0), tf.constant([1.0])],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )
    nested = tf.while_loop(
        lambda i, x: i < 2,
        lambda i, x: (
            i + 1,
            tf.while_loop(lambda y: y < 10.0 * tf.cast(i + 1, tf.float32), lambda y: y + 3.0, [x]),
        ),
        [0, 0.0],
        name="nested",
    )
    branching = tf.while_loop(
        lambda i, x: i < 4,
        lambda i, x: (i + 1, tf.cond(x > 2.0, lambda: x * 2.0, lambda: x + 1.0)),
        [0, 0.0],
        name="branching",
    )
    init = tf.global_variables_initializer()
    return [(init, {}), ([total, powers, limited, grown, nested, branching], {}), (v, {})]


def network(tf: Any) -> Runs:
    tf.set_random_seed(7)
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.get_variable("w", [3, 2])
    b = tf.Variable(tf.zeros([2]), name="b")
    noise = tf.random_normal([2], stddev=0.1)
    uniform = tf.random_uniform([3], -1.0, 1.0)
    unit = tf.random_uniform([2])
    dice = tf.random_uniform([4], 1, 7, tf.int32)
    cut = tf.truncated_normal([3], seed=5)
    logits = tf.matmul(x, w) + b
    outputs = [tf.nn.relu(logits), tf.nn.sigmoid(logits), tf.tanh(logits), tf.nn.softmax(logits)]
    loss = tf.reduce_mean(tf.square(logits))
    init = tf.global_variables_initializer()
    return [
        (init, {}),
        ([outputs, loss], {x: np.ones((2, 3))}),
        ([noise, uniform, unit, dice, cut], {}),
        (noise, {}),
    ]


PROGRAMS = (
    arithmetic,
    reductions,
    arrays,
    names,
    variables,
    chained,
    conditional,
    loops,
    network,
)
