"""Records what TensorFlow does with variables: values and errors, both kinds of variable.

    python record.py    # with a Python that has TensorFlow; writes recorded.zip beside it

Each program is built once with reference and once with resource variables and run with one thread
and without graph rewriting.
"""

import json
import os
import re
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()
raw = tf.raw_ops
GRAPHS, STEPS = {}, {}


def session():
    config = v1.ConfigProto(inter_op_parallelism_threads=1, intra_op_parallelism_threads=1)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = -1
    return v1.Session(config=config)


def core(message):
    """The runtime's own sentence, without the Python layer's prefix and suffix."""
    inner = message.split(" [[{{node")[0].removeprefix("Graph execution error:").strip()
    return re.split(r"\nNode: '[^']*'\n", inner)[-1].strip()


def record(name):
    def decorate(build):
        for kind, resource in (("ref", False), ("resource", True)):
            graph = v1.Graph()
            with graph.as_default():
                steps = build(resource)
                if steps is None:
                    continue
                run = session()
                GRAPHS[f"{name}_{kind}"] = graph.as_graph_def().SerializeToString()
                STEPS[f"{name}_{kind}"] = [outcome(run, *step) for step in steps]
        return build

    return decorate


def outcome(run, fetches, feeds):
    names = [f if isinstance(f, str) else f.name for f in fetches]
    step = {"fetches": names, "feeds": {k: np.asarray(v).tolist() for k, v in feeds.items()}}
    try:
        values = run.run(names, feeds)
        step["results"] = [None if x is None else np.asarray(x).tolist() for x in values]
    except tf.errors.OpError as error:
        step["error"] = type(error).__name__
        step["message"] = core(error.message)
    except ValueError as error:
        step["error"], step["message"] = "ValueError", str(error)
    return step


def variable(value, resource, name="v", dtype=tf.float32):
    return v1.Variable(value, use_resource=resource, name=name, dtype=dtype)


def reader(v, resource):
    """A read of the variable made after everything else, named rd."""
    if resource:
        return raw.ReadVariableOp(resource=v.handle, dtype=tf.float32, name="rd")
    return raw.Identity(input=v._ref(), name="rd")


def i32(value):
    return np.array(value, np.int32)


def f32(value):
    return np.array(value, np.float32)


@record("uninitialized_read")
def _(resource):
    v = variable(1.0, resource)
    y = v + 1.0
    return [([y], {}), ([v.op.name], {}), ([v.value() if resource else "v:0"], {})]


@record("uninitialized_add")
def _(resource):
    add = v1.assign_add(variable(1.0, resource), 2.0)
    return [([add.op.name], {})]


@record("uninitialized_beside_another")
def _(resource):
    v, w = variable(1.0, resource), variable(2.0, resource, "w")
    add, y = v1.assign_add(v, 2.0), v + 1.0
    return [([w.initializer.name], {}), ([add.op.name], {}), ([y.name], {})]


@record("scatter")
def _(resource):
    v = variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], resource)
    i = v1.placeholder(tf.int32, None, name="i")
    u = v1.placeholder(tf.float32, None, name="u")
    names = ("update", "add", "sub", "mul", "div", "min", "max")
    ops = [getattr(v1, f"scatter_{name}")(v, i, u).op.name for name in names]
    reader(v, resource)
    given = [
        ([0, 2], [[1, 2], [3, 4]]),
        ([1, 1], [[10, 20], [30, 40]]),
        ([0, 5], [[7, 7], [8, 8]]),
        (1, [5, 5]),
        ([0, 1], 2),
        ([[0, 1], [2, -1]], np.ones((2, 2, 2))),
    ]
    if not resource:  # TensorFlow does not check the shape for resource variables
        given.append(([0], [[1, 2, 3]]))
    steps = [([v.initializer.name], {})]
    for op in ops:
        for index, update in given:
            steps += [([op], {"i:0": i32(index), "u:0": f32(update)}), (["rd:0"], {})]
    return steps


@record("scatter_nd")
def _(resource):
    v = variable([1.0, 2.0, 3.0, 4.0], resource)
    i = v1.placeholder(tf.int32, None, name="i")
    u = v1.placeholder(tf.float32, None, name="u")
    ops = [getattr(v1, f"scatter_nd_{name}")(v, i, u).op.name for name in ("update", "add", "sub")]
    reader(v, resource)
    given = [
        ([[0], [2]], [1, 2]),
        ([[1], [1]], [10, 20]),
        ([[0], [5]], [7, 8]),
        ([[0]], [1, 2]),
    ]
    steps = [([v.initializer.name], {})]
    for op in ops:
        for index, update in given:
            steps += [([op], {"i:0": i32(index), "u:0": f32(update)}), (["rd:0"], {})]
    return steps


@record("assign_shapes")
def _(resource):
    v = variable([1.0, 2.0, 3.0], resource)
    x = v1.placeholder(tf.float32, None, name="x")
    if resource:
        strict = raw.AssignVariableOp(resource=v.handle, value=x, validate_shape=True)
        free = raw.AssignVariableOp(resource=v.handle, value=x)
        add = raw.AssignAddVariableOp(resource=v.handle, value=x)
    else:
        strict = raw.Assign(ref=v._ref(), value=x).op
        free = raw.Assign(ref=v._ref(), value=x, validate_shape=False).op
        add = raw.AssignAdd(ref=v._ref(), value=x).op
    reader(v, resource)
    steps = [([v.initializer.name], {})]
    for op in (strict, add, free, add, strict):
        for value in ([1, 1, 1], [2, 2], 5, [[1, 2, 3]]):
            steps += [([op.name], {"x:0": f32(value)}), (["rd:0"], {})]
    return steps


@record("count_up_to")
def _(resource):
    v = variable(0, resource, dtype=tf.int32)
    count = v.count_up_to(2).name
    return [([v.initializer.name], {}), ([count], {}), ([count], {}), ([count], {})]


@record("gather")
def _(resource):
    if not resource:
        return None
    v = variable([1.0, 2.0, 3.0], resource)
    i = v1.placeholder(tf.int32, None, name="i")
    rows = raw.ResourceGather(resource=v.handle, indices=i, dtype=tf.float32).name
    elements = raw.ResourceGatherNd(resource=v.handle, indices=i, dtype=tf.float32).name
    steps = [([rows], {"i:0": i32([0])}), ([v.initializer.name], {})]
    steps += [([rows], {"i:0": i32(index)}) for index in ([0, 2], [0, 3], 7)]
    return steps + [([elements], {"i:0": i32(index)}) for index in ([[0], [2]], [[0], [9]])]


@record("placeholders")
def _(resource):
    p = v1.placeholder(tf.float32, [None, 2], name="p")
    q = v1.placeholder(tf.float32, name="q")
    s = v1.placeholder(tf.int64, [], name="s")
    t = v1.placeholder(tf.string, [3], name="t")
    unfed = [p * 1.0, q * 1.0, s + 1, tf.identity(t)]
    return [([y], {}) for y in unfed] + [([unfed[0]], {"p:0": np.ones((3, 3), np.float32)})]


@record("fed_reference")
def _(resource):
    if resource:
        return None
    v = variable(1.0, resource)
    add = v1.assign_add(v, 1.0)
    start = ([v.initializer.name], {})
    return [start, ([add.name], {"v:0": 5.0}), (["v/read:0"], {"v:0": 5.0})]


@record("dead_fetch")
def _(resource):
    _, alive = raw.Switch(data=1.0, pred=v1.placeholder(tf.bool, [], name="p"))
    tf.identity(alive, name="y")
    return [(["y:0"], {"p:0": True}), (["y:0"], {"p:0": False}), (["y"], {"p:0": False})]


@record("slice_assign")
def _(resource):
    v = variable(np.arange(6.0).reshape(2, 3), resource)
    x = v1.placeholder(tf.float32, None, name="x")
    write = v[:, 1:3].assign(x).op.name
    reader(v, resource)
    steps = [([v.initializer.name], {})]
    for value in (np.ones((2, 2)), np.ones((2, 3)), 9, np.ones((1, 2)), np.ones(2)):
        steps += [([write], {"x:0": f32(value)}), (["rd:0"], {})]
    return steps


if __name__ == "__main__":
    with zipfile.ZipFile(
        Path(__file__).with_name("recorded.zip"), "w", zipfile.ZIP_DEFLATED
    ) as out:
        members = {f"{name}.pb": data for name, data in GRAPHS.items()}
        members["steps.json"] = json.dumps(STEPS, indent=1).encode()
        for name, data in sorted(members.items()):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            out.writestr(member, data, zipfile.ZIP_DEFLATED)
