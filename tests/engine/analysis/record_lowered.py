"""Record what TensorFlow shows of functions, conditionals and loops; run it where it is installed.

    python tests/engine/analysis/record_lowered.py

Every program runs many times, with and without TensorFlow's graph optimizers, and with delays
between its ops and inside its functions, so that rare orders show too.
"""

import base64
import gzip
import json
import os
import random
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.python.eager.wrap_function import wrap_function
from tensorflow.python.framework import function as legacy_function
from tensorflow.python.ops import script_ops

v1 = tf.compat.v1
v1.disable_v2_behavior()
v1.enable_control_flow_v2()
raw = tf.raw_ops
FILE = Path(__file__).parent / "recorded" / "lowered.json.gz"
RUNS = 80
PROGRAMS = {}


def program(build):
    PROGRAMS[build.__name__] = build
    return build


def variable(name, value, resource=True):
    return v1.Variable(value, name=name, use_resource=resource, dtype=tf.float32)


def read(handle):
    return raw.ReadVariableOp(resource=handle, dtype=tf.float32)


def add(handle, value):
    return raw.AssignAddVariableOp(resource=handle, value=value)


def after(ops, make):
    with v1.control_dependencies(ops):
        return make()


@program
def loop_that_is_not_entered():
    x, w = variable("x", 5.0), variable("w", 0.0)

    def body(i):
        write = raw.AssignVariableOp(resource=w.handle, value=read(x.handle))
        return after([write], lambda: i + 1)

    return [v1.while_loop(lambda i: i < 0, body, [0])], []


@program
def loop_that_counts():
    x, w = variable("x", 5.0), variable("w", 0.0)

    def body(i):
        write = add(w.handle, read(x.handle))
        return after([write], lambda: i + 1)

    return [v1.while_loop(lambda i: i < 2, body, [0])], []


def overlapping(parallel):
    x = variable("x", 1.0)

    def body(i, total):
        write = add(x.handle, 1.0)
        return after([write], lambda: i + 1), total + read(x.handle)

    return v1.while_loop(lambda i, _: i < 2, body, [0, 0.0], parallel_iterations=parallel), []


@program
def loop_with_overlapping_turns():
    return overlapping(10)


@program
def loop_of_one_turn_at_a_time():
    return overlapping(1)


@program
def loop_whose_turns_end_with_their_effects():
    """The body's function names its write as a control output; nothing else waits for it."""
    x = variable("x", 1.0)
    state = [tf.TensorSpec([], kind) for kind in (tf.int32, tf.float32, tf.resource)]

    @tf.function(input_signature=state)
    def below(i, total, handle):
        return i < 2

    @tf.function(input_signature=state)
    def turn(i, total, handle):
        total = total + read(handle)
        add(handle, 1.0)
        return i + 1, total, handle

    functions = [f.get_concrete_function() for f in (below, turn)]
    for function in functions:
        function.add_to_graph(v1.get_default_graph())
    state = [tf.constant(0), tf.constant(0.0), x.handle]
    outputs = raw.While(input=state, cond=functions[0], body=functions[1])
    outputs[0].op._set_attr("_lower_using_switch_merge", v1.AttrValue(b=True))
    return [tf.identity(outputs[1])], []


@program
def write_after_a_loop():
    x = variable("x", 1.0)
    total = v1.while_loop(lambda i, _: i < 2, lambda i, t: (i + 1, t + read(x.handle)), [0, 0.0])[1]
    return [total], [after([total.op.inputs[0].op], lambda: add(x.handle, 10.0))]


@program
def write_after_an_if():
    x, z = variable("x", 1.0), variable("z", 0.0)

    def then():
        write = add(z.handle, 1.0)
        return after([write], lambda: read(x.handle) * 10.0)

    y = v1.cond(read(x.handle) < 100.0, then, lambda: tf.constant(0.0))
    return [y], [after([y.op.inputs[0].op], lambda: add(x.handle, 10.0))]


@program
def write_after_an_if_ref():
    x = variable("x", 1.0, resource=False)
    y = v1.cond(v1.placeholder_with_default(True, []), lambda: x * 10.0, lambda: x * 20.0)
    return [y], [after([y.op.inputs[0].op], lambda: v1.assign_add(x, 1.0).op)]


@program
def write_after_a_case():
    x = variable("x", 1.0)
    chosen = v1.placeholder_with_default(1, [])
    y = tf.switch_case(chosen, [lambda: tf.constant(0.0), lambda: read(x.handle) * 10.0])
    return [y], [after([y.op.inputs[0].op], lambda: add(x.handle, 10.0))]


@program
def write_after_an_if_with_control_outputs():
    x = variable("x", 1.0)

    @tf.function(input_signature=[tf.TensorSpec([], tf.resource)])
    def branch(handle):
        return read(handle) * 10.0

    function = branch.get_concrete_function()
    function.add_to_graph(v1.get_default_graph())
    yes = v1.placeholder_with_default(True, [])
    y = raw.If(
        cond=yes, input=[x.handle], Tout=[tf.float32], then_branch=function, else_branch=function
    )
    y[0].op._set_attr("_lower_using_switch_merge", v1.AttrValue(b=True))
    return [tf.identity(y[0])], [after([y[0].op], lambda: add(x.handle, 1.0))]


@program
def if_after_the_write_of_its_value():
    """The control inputs of an `If` gate its branches, not how its arguments get there."""
    x = variable("x", 1.0, resource=False)

    def branch(factor):
        function = wrap_function(lambda v: v * factor, [tf.TensorSpec([], tf.float32)])
        function.add_to_graph(v1.get_default_graph())
        return function

    write = v1.assign_add(x, 1.0)
    yes = v1.placeholder_with_default(True, [])
    branches = {"then_branch": branch(10.0), "else_branch": branch(20.0)}
    y = after([write], lambda: raw.If(cond=yes, input=[x], Tout=[tf.float32], **branches))
    y[0].op._set_attr("_lower_using_switch_merge", v1.AttrValue(b=True))
    return [tf.identity(y[0])], []


def wrapped(arguments, body, *, native=False):
    """A call of `body` without automatic control dependencies."""
    if native:
        types = [argument.dtype.base_dtype for argument in arguments]
        return legacy_function.Defun(*types, func_name="native")(body)(*arguments)
    specs = [tf.TensorSpec(a.shape, a.dtype.base_dtype) for a in arguments]
    function = wrap_function(body, specs)
    function.add_to_graph(v1.get_default_graph())
    result = raw.StatefulPartitionedCall(args=arguments, Tout=[tf.float32], f=function)
    return result[0] if isinstance(result, list) else result


@program
def write_after_a_call():
    x = variable("x", 1.0)
    y = wrapped([x.handle], lambda handle: read(handle) * 10.0)
    return [tf.identity(y)], [after([y.op], lambda: add(x.handle, 1.0))]


@program
def write_after_a_native_call():
    x = variable("x", 1.0)
    y = wrapped([x.handle], lambda handle: read(handle) * 10.0, native=True)
    return [tf.identity(y)], [after([y.op], lambda: add(x.handle, 1.0))]


@program
def call_that_waits_for_all_its_inputs():
    """The body's write needs only the handle; the other argument comes from a read before it."""
    x = variable("x", 1.0)

    def body(handle, value):
        write = add(handle, 5.0)
        return after([write], lambda: value * 1.0)

    return [tf.identity(wrapped([x.handle, read(x.handle) * 10.0], body))], []


@program
def call_in_a_branch_that_is_not_taken():
    """The inner function has ops without inputs; only the branch that it is called in gates it."""
    x = variable("x", 1.0)
    name = x.op.get_attr("shared_name").decode() or "x"

    def inner(value):
        handle = raw.VarHandleOp(dtype=tf.float32, shape=[], shared_name=name)
        write = add(handle, tf.constant(5.0))
        return after([write], lambda: value * 1.0)

    def branch():
        return wrapped([tf.constant(3.0)], inner)

    no = v1.placeholder_with_default(False, [])
    return [v1.cond(no, branch, lambda: read(x.handle))], []


def viewed(make):
    x = v1.Variable(np.arange(4, dtype=np.float32), name="x", use_resource=False)
    y = make(x._ref())
    return [y], [after([y.op], lambda: v1.assign_add(x, np.full(4, 10, np.float32)).op)]


@program
def checked_numbers_are_a_view():
    return viewed(lambda x: raw.CheckNumericsV2(tensor=x, message="m"))


def blocks(name, borders, block, border):
    op, last = getattr(raw, name), {borders: [[0, border]]}
    return viewed(
        lambda x: op(input=raw.Reshape(tensor=x, shape=[1, 4, 1]), block_shape=[block], **last)
    )


@program
def batch_to_space_of_single_elements_is_a_view():
    return blocks("BatchToSpaceND", "crops", 1, 0)


@program
def batch_to_space_that_crops_is_none():
    return blocks("BatchToSpaceND", "crops", 1, 1)


@program
def space_to_batch_of_single_elements_is_a_view():
    return blocks("SpaceToBatchND", "paddings", 1, 0)


@program
def space_to_batch_in_pairs_is_none():
    return blocks("SpaceToBatchND", "paddings", 2, 0)


def pause():
    time.sleep(random.choice([0, 0, 0.001, 0.003, 0.005]))


PAUSE = script_ops._py_funcs.insert(pause).encode()
UNTOUCHED = {"Merge", "Const", "VariableV2", "VarHandleOp", "Placeholder", "Exit", "PyFunc"}


def with_delays(nodes, outside, chance):
    """Put pauses before some of `nodes`, after all that each waits for."""
    for node in list(nodes):
        sources = sorted({name.lstrip("^").split(":")[0] for name in node.input} - outside)
        if node.op in UNTOUCHED or random.random() > chance or (outside and not sources):
            continue
        delay = nodes.add(name=f"pause/{node.name}", op="PyFunc", input=[f"^{s}" for s in sources])
        delay.attr["token"].s = PAUSE
        delay.attr["Tin"].list.SetInParent()
        delay.attr["Tout"].list.SetInParent()
        node.input.append(f"^{delay.name}")


def delayed(definition, number):
    copy = v1.GraphDef.FromString(definition.SerializeToString())
    if number % 4 == 0:
        return copy
    chance = random.choice([0.3, 0.6, 1])
    with_delays(copy.node, set(), chance)
    for function in copy.library.function:
        before = len(function.node_def)
        with_delays(function.node_def, {a.name for a in function.signature.input_arg}, chance)
        if len(function.node_def) > before:
            function.signature.is_stateful = True
    return copy


def result(definition, fetches, targets, initializer, variables, optimize):
    options = v1.ConfigProto(inter_op_parallelism_threads=8)
    if not optimize:
        options.graph_options.rewrite_options.disable_meta_optimizer = True
        options.graph_options.optimizer_options.opt_level = -1
    graph = v1.Graph()
    with graph.as_default(), v1.Session(graph=graph, config=options) as session:
        tf.import_graph_def(definition, name="")
        session.run(graph.get_operation_by_name(initializer))
        operations = [graph.get_operation_by_name(name) for name in targets]
        values = session.run([[graph.get_tensor_by_name(name) for name in fetches], operations])[0]
        held = []
        for name in variables:
            node = graph.get_operation_by_name(name)
            is_resource = node.type == "VarHandleOp"
            held.append(read(node.outputs[0]) if is_resource else node.outputs[0])
        values = [np.asarray(value).tolist() for value in (*values, *session.run(held))]
    return json.dumps(values)


def record(build):
    graph = v1.Graph()
    with graph.as_default():
        fetched, run = build()
        initializer = v1.global_variables_initializer().name
        fetches = [tensor.name for tensor in fetched]
        targets = [op.name for op in run]
        variables = [variable.op.name for variable in v1.global_variables()]
    definition = graph.as_graph_def()
    asked = (fetches, targets, initializer, variables)
    shown = {}
    for optimize in (False, True):
        for number in range(RUNS):
            given = result(delayed(definition, number), *asked, optimize)
            shown[given] = shown.get(given, 0) + 1
    return {
        "graph": base64.b64encode(definition.SerializeToString(deterministic=True)).decode(),
        "initializer": initializer,
        "fetches": fetches,
        "targets": targets,
        "variables": variables,
        "shown": sorted(map(json.loads, shown)),
    }, shown


if __name__ == "__main__":
    recorded = {}
    for name, build in PROGRAMS.items():
        recorded[name], counts = record(build)
        print(name, counts, flush=True)
    text = json.dumps(recorded, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
