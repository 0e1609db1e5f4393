"""Routing of values: conditionals and loops as TensorFlow 1 writes them, and calls of functions.

The executor routes Switch, Merge and the loop ops itself; calls are expanded before a plan is made.
"""

from __future__ import annotations

from .registry import ControlFlow, declare

_SWITCH = "data: T, pred: bool", "output_false: T, output_true: T", "T: type"
_REF_SWITCH = "data: Ref(T), pred: bool", "output_false: Ref(T), output_true: Ref(T)", "T: type"
_MERGE = "inputs: N * T", "output: T, value_index: int32", "T: type, N: int"
_REF_MERGE = "inputs: N * Ref(T)", "output: Ref(T), value_index: int32", "T: type, N: int"
_ONE = "data: T", "output: T", "T: type"
_REF_ONE = "data: Ref(T)", "output: Ref(T)", "T: type"
_ENTER = "T: type, frame_name: string, is_constant: bool = false, parallel_iterations: int = 10"

_SWITCH_DOC = "Passes data to output_true if pred, else to output_false; the other output is dead."
_MERGE_DOC = "Passes on the first input that arrives alive, and which one it was."
_ENTER_DOC = "Takes a value into the loop frame_name."
_EXIT_DOC = "Takes a value out of a loop."
_NEXT_DOC = "Takes a value into the next turn of a loop."

declare("Switch", *_SWITCH, control_flow=ControlFlow.SWITCH, doc=_SWITCH_DOC, view=True)
declare("RefSwitch", *_REF_SWITCH, control_flow=ControlFlow.SWITCH, doc=_SWITCH_DOC,
        allows_uninitialized=[0])  # fmt: skip
declare(
    "_SwitchN",
    "data: T, output_index: int32",
    "outputs: num_outs * T",
    "num_outs: int, T: type",
    control_flow=ControlFlow.SWITCH,
    view=True,
    doc="Passes data to the output with the given index, the last one if there is none such.",
)
declare("Merge", *_MERGE, control_flow=ControlFlow.MERGE, doc=_MERGE_DOC, view=True)
declare("RefMerge", *_REF_MERGE, control_flow=ControlFlow.MERGE, doc=_MERGE_DOC)
declare("Enter", "data: T", "output: T", _ENTER, control_flow=ControlFlow.ENTER, doc=_ENTER_DOC,
        view=True)  # fmt: skip
declare("RefEnter", "data: Ref(T)", "output: Ref(T)", _ENTER, control_flow=ControlFlow.ENTER,
        doc=_ENTER_DOC)  # fmt: skip
declare("Exit", *_ONE, control_flow=ControlFlow.EXIT, doc=_EXIT_DOC, view=True)
declare("RefExit", *_REF_ONE, control_flow=ControlFlow.EXIT, doc=_EXIT_DOC)
declare("NextIteration", *_ONE, control_flow=ControlFlow.NEXT_ITERATION, doc=_NEXT_DOC, view=True)
declare("RefNextIteration", *_REF_ONE, control_flow=ControlFlow.NEXT_ITERATION, doc=_NEXT_DOC)
declare(
    "LoopCond",
    "input: bool",
    "output: bool",
    control_flow=ControlFlow.LOOP_COND,
    doc="Whether a loop takes another turn.",
)
declare(
    "ControlTrigger",
    control_flow=ControlFlow.CONTROL_TRIGGER,
    doc="Does nothing; runs even if what it waits for is dead.",
)

_IF = (
    "cond: Tcond, input: Tin",
    "output: Tout",
    (
        "Tcond: type, Tin: list(type), Tout: list(type), then_branch: func, else_branch: func,"
        " output_shapes: list(shape) = []"
    ),
)
_WHILE = (
    "input: T",
    "output: T",
    (
        "T: list(type), cond: func, body: func, output_shapes: list(shape) = [],"
        " parallel_iterations: int = 10"
    ),
)
_CASE = (
    "branch_index: int32, input: Tin",
    "output: Tout",
    ("Tin: list(type), Tout: list(type), branches: list(func), output_shapes: list(shape) = []"),
)
_CALL = (
    "args: Tin",
    "output: Tout",
    (
        "Tin: list(type), Tout: list(type), f: func, config: string = '',"
        " config_proto: string = '', executor_type: string = ''"
    ),
)

for _type in ("If", "StatelessIf"):
    declare(_type, *_IF, doc="Calls one of two functions.")
for _type in ("While", "StatelessWhile"):
    declare(_type, *_WHILE, doc="Calls the function body as long as the function cond is true.")
for _type in ("Case", "StatelessCase"):
    declare(_type, *_CASE, doc="Calls the function with the given index.")
for _type in ("PartitionedCall", "StatefulPartitionedCall"):
    declare(_type, *_CALL, doc="Calls a function.")
declare(
    "SymbolicGradient",
    "input: Tin",
    "output: Tout",
    "Tin: list(type), Tout: list(type), f: func",
    doc="Calls the gradient of a function.",
)
