"""What the gallery says of each puzzle, and the runs that it suggests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """A run that shows the puzzle, in the program's Python names."""

    title: str
    fetches: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    feeds: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Puzzle:
    """A program of `server/gallery/sources/puzzles`.

    Attributes:
        reference: what it shows with reference variables.
        resource: what it shows with resource variables; None if TensorFlow refuses to build that.
        runs: the puzzle itself first, then what repairs it or is to be compared.
        init: the operation to run first; None where that is the puzzle.
    """

    name: str
    title: str
    reference: str
    resource: str | None
    runs: tuple[Run, ...]
    init: str | None = "init"


PUZZLES = (
    Puzzle(
        "p01_read_beside_write",
        "Read beside the write",
        "v is 0. A run fetches the update that adds 1, and v. Both fetches show the buffer of v "
        "as it is when the run ends: 1 and 1.",
        "v is 0. A run fetches the update that adds 1, and v. Each fetch is a read of its own, and "
        "nothing orders that of v: 1 and 0, or 1 and 1.",
        (
            Run("The read beside the write", ("update", "v")),
            Run("The read after the write", ("update", "after")),
        ),
    ),
    Puzzle(
        "p02_summary",
        "A summary of a moving number",
        "t is 283. One operation copies it for a log, another adds 7. The log shows 283 or 290: no "
        "edge leads from one to the other.",
        "t is 283. One operation reads it for a log, another adds 7. The log shows 283 or 290, as "
        "it does with a reference variable.",
        (
            Run("Beside the update", ("summary", "update")),
            Run("The update waits for the summary", ("summary", "later_update")),
        ),
    ),
    Puzzle(
        "p03_alias",
        "A name is not an operation",
        "Under control dependencies on an increment, y = x creates no operation, so that fetching "
        "y never increments. Fetch x three times: 0, 0, 0. Fetch inside three times: 1, 2, 3.",
        "The same with a resource variable. Fetch x three times: 0, 0, 0; then inside, which is "
        "a read made under the control dependencies: 1, 2, 3.",
        (
            Run("Fetch y, which is x; run it again", ("y",)),
            Run("An identity made inside; run it again", ("inside",)),
            Run("A sum made inside; run it again", ("plus_two",)),
        ),
    ),
    Puzzle(
        "p04_older_tensor",
        "Wrapping an older tensor",
        "z = 2 * x is made first, then wrapped under control dependencies on an increment. The "
        "wrapper waits, z does not: 0 or 2.",
        "z = 2 * x is made first, then wrapped under control dependencies on an increment. The "
        "wrapper waits, the read that z uses does not: 0 or 2.",
        (
            Run("The older tensor, wrapped", ("y",)),
            Run("The product made inside", ("rebuilt",)),
        ),
    ),
    Puzzle(
        "p04_cost_after_step",
        "The cost after the step",
        "x is 1, a step makes it 0.9, and half its square is wrapped under that step: 0.5 or "
        "0.405, or 0.45 if the two products saw different values.",
        "x is 1, a step makes it 0.9. Half its square reads x twice, and neither read waits for "
        "the step: 0.5, 0.45 or 0.405.",
        (
            Run("The older cost, wrapped", ("new_x", "wrapped")),
            Run("The cost made inside", ("new_x", "rebuilt")),
        ),
    ),
    Puzzle(
        "p05_value_method",
        "value() under control dependencies",
        "v.value() returns the read that was made together with v, wherever it is called: the "
        "increment does not run, and y is 0. v.read_value() makes a read that waits: 1.",
        "With a resource variable each v.value() is a read of its own, which waits for the "
        "increment: y is 1.",
        (
            Run("value()", ("y",)),
            Run("read_value()", ("after",)),
        ),
    ),
    Puzzle(
        "p06_identity",
        "Identity is not a copy",
        "old = identity(x), and an assignment of x + 1 that waits for it. Old shows 1 all the "
        "same: it is the buffer of x, fetched when the run is over. x + 0 would be a copy.",
        "old = identity(x), and an assignment of x + 1 that waits for it. A read of a resource "
        "variable is a snapshot: old is 0. The fetch of x is not ordered: 0 or 1.",
        (
            Run("The identity before the write", ("old", "new", "x")),
            Run("An identity before and one after", ("old", "newer")),
            Run("A copy before the write", ("copy", "new_after_copy")),
        ),
    ),
    Puzzle(
        "p07_growing",
        "A variable that grows",
        "Each run appends to x and takes the length after it. Run it three times: 0, 1, 2, always "
        "one behind, because a longer value needs a new buffer and the old read has the old one.",
        None,
        (
            Run("The length from the read made with x; run it again", ("n",)),
            Run("The length from a new read; run it again", ("n_now",)),
        ),
    ),
    Puzzle(
        "p07_scalar_to_vector",
        "A scalar becomes a vector",
        "x is 0; an assignment makes it [1], in the same buffer. x + 2 after it is 3, or [3] if "
        "the read was made after the assignment.",
        None,
        (Run("The sum after the assignment", ("plus_two",)),),
    ),
    Puzzle(
        "p08_two_assigns",
        "Two assignments, one lost",
        "v = v + 100 and v = v + 1 both run before c. v ends as 1, 100 or 101, as a read can come "
        "before the other's write. With two assign_add it is always 101.",
        "v = v + 100 and v = v + 1 both run before c, with a resource variable. v ends as 1, 100 "
        "or 101. With two assign_add it is always 101.",
        (
            Run("Two assignments", ("c",)),
            Run("Two additions", ("d",)),
        ),
    ),
    Puzzle(
        "p13_cross_updates",
        "Updates that use each other",
        "a = b + 1 and b = a + 1, from (0, 0). The run ends with (1, 1), (1, 2) or (2, 1).",
        "a = b + 1 and b = a + 1, from (0, 0), with resource variables: (1, 1), (1, 2) or (2, 1).",
        (
            Run("Beside each other", ("u", "w")),
            Run("One after the other", ("u", "w_after_u")),
        ),
    ),
    Puzzle(
        "p14_swap",
        "A swap of two variables",
        "a = b beside b = a, from (1, 2). Each copies the other's buffer when it runs: (1, 1) or "
        "(2, 2). Computed copies that both wait for make it a swap.",
        "a = b beside b = a, from (1, 2), with resource variables. A read may come before both "
        "writes: (1, 1), (2, 2) or, with luck, (2, 1).",
        (
            Run("Two assignments", (), ("swap",)),
            Run("Two assignments after two copies", (), ("safe_swap",)),
        ),
    ),
    Puzzle(
        "p16_cond_outside",
        "A branch does not guard what is outside",
        "Each branch of a cond returns a tensor that waits for an assignment. Both assignments "
        "were built outside the branches: both run, whichever is taken.",
        "Each branch of a cond returns a read that waits for an assignment. Both assignments were "
        "built outside the branches: both run, with resource variables too.",
        (
            Run("Assignments built outside", ("outside",)),
            Run("Assignments built inside", ("inside",)),
        ),
    ),
    Puzzle(
        "p16_plus_and_minus",
        "Plus in one branch, minus in the other",
        "Up is false, so that a should become -1. Both updates were built outside the branches: "
        "a stays 0. Built inside, each run takes 1 away.",
        "Up is false, so that a should become -1. Both updates were built outside the branches, "
        "and both run: a stays 0, whatever the fetch shows.",
        (
            Run("Updates built outside", ("outside",)),
            Run("Updates built inside; run it again", ("inside",)),
        ),
    ),
    Puzzle(
        "p19_wrapped_cost",
        "Training does not need the cost",
        "The cost waits for a counter. Fetching the cost counts; training does not, as the "
        "gradient of a mean needs the mean's value nowhere.",
        "The cost waits for a counter. Fetching the cost counts; training does not, with resource "
        "variables either.",
        (
            Run("Train", (), ("train",)),
            Run("Fetch the cost", ("cost",)),
            Run("Training built under the counter", (), ("counted_train",)),
        ),
    ),
    Puzzle(
        "p22_batch_norm",
        "Batch statistics that never move",
        "The update of the moving mean is put into the collection UPDATE_OPS. A collection is a "
        "list, not an edge: training leaves the mean at 0.",
        "The update of the moving mean, a resource variable, is only put into UPDATE_OPS: training "
        "leaves it at 0.",
        (
            Run("Train", (), ("train",)),
            Run("Training built under the updates", (), ("train_and_update",)),
        ),
    ),
    Puzzle(
        "p23_loss_beside_train",
        "The loss beside the training step",
        "w is 1, the loss is w * w, a step makes w 0.5. The loss fetched with the step is 1 or "
        "0.25. Wrapping it under the step changes nothing; building it there does.",
        "w is 1, the loss is w * w, a step makes w 0.5. The step needs the same two reads as the "
        "loss, so that the loss is always 1; the fetch of w is 1 or 0.5.",
        (
            Run("Loss and step", ("loss", "w"), ("train",)),
            Run("The loss wrapped under the step", ("wrapped",)),
            Run("The loss built under the step", ("rebuilt",)),
        ),
    ),
    Puzzle(
        "p25_early_initializer",
        "An initializer made too early",
        "init was made before v, so it initializes nothing. Run init, then fetch v: it is "
        "uninitialized. The initializer that was made after v is init_1.",
        "init was made before v, a resource variable, so it initializes nothing. Run init, then "
        "fetch v: there is no such variable yet.",
        (Run("Fetch v after init", ("v",)),),
    ),
    Puzzle(
        "p25_adam_slots",
        "Adam's own variables",
        "init was made before Adam, which brings four variables. After init a step fails on the "
        "first of them that is read. Run init_1 instead.",
        "init was made before Adam, which brings four resource variables. After init a step fails "
        "on the first of them that is read.",
        (Run("Train after init", (), ("train",)),),
    ),
    Puzzle(
        "p26_dependent_initial_value",
        "An initial value that reads a variable",
        "b starts as a + 0. For init TensorFlow builds a guard around that read; raw_init is "
        "without, and either gives (42, 42) or fails on the uninitialized a.",
        "b starts as a + 0, and nothing makes that read wait for the assignment of a: init gives "
        "(42, 42) or fails on the uninitialized a.",
        (
            Run("The plain initializer", (), ("raw_init",)),
            Run("TensorFlow's initializer", (), ("init",)),
            Run("The initializer with an order", (), ("ordered_init",)),
        ),
        init=None,
    ),
    Puzzle(
        "p28_never_run",
        "An assignment that never runs",
        "x.assign(5) as a statement adds an operation to the graph; x stays 1 until somebody "
        "fetches it. And z = z + 1 gives a Python name to a sum: z stays 0.",
        "x.assign(5) as a statement adds an operation to the graph; x stays 1. With resource "
        "variables it is the same.",
        (
            Run("Fetch x", ("x",)),
            Run("Fetch the sum; run it again", ("z",)),
            Run("Fetch the assignment", ("assign",)),
        ),
    ),
    Puzzle(
        "p29_many_fetches",
        "One operation, many fetches",
        "One update, fetched through two products: it runs once, so they are 10 and 100. Three "
        "updates, made in a Python loop, run three times.",
        "One update, fetched through two products: it runs once, and each product reads v after "
        "it: 10 and 100.",
        (
            Run("Two uses of one update", ("b", "c")),
            Run("The update itself", ("a",)),
            Run("Three updates", (), ("turns",)),
        ),
    ),
    Puzzle(
        "p31_dropped_in_loop",
        "A side effect dropped from a loop",
        "A loop body adds 1 to v and does not use the result: v stays 0 after three turns. With "
        "the next index waiting for the addition, v becomes 3.",
        "A loop body adds 1 to v, a resource variable, and does not use the result: v stays 0 "
        "after three turns.",
        (
            Run("Nothing waits for the update", ("dropped",)),
            Run("The next turn waits for the update", ("kept",)),
        ),
    ),
    Puzzle(
        "p31_overlapping_turns",
        "Turns that overlap",
        "Three turns each add 1 to v, then add v to a total. The index does not wait for that, so "
        "the turns overlap: the total is 6, 7, 8 or 9.",
        "Three turns each add 1 to a resource variable, then add what they read to a total. The "
        "turns overlap: 6, 7, 8 or 9.",
        (
            Run("Three turns", ("total",)),
            Run("Three turns, each after the other", ("in_order",)),
        ),
    ),
    Puzzle(
        "p34_checkpoint_names",
        "Names in a checkpoint",
        "The same Python line, run twice, makes v1 and v1_1, and a checkpoint of the first has no "
        "key for the second. The three savers' restore operations show which keys they ask for.",
        "Two resource variables from the same line: v1 and v1_1. The savers' restore operations "
        "show which keys they ask for in the checkpoint.",
        (Run("Both variables", ("first", "again")),),
    ),
    Puzzle(
        "p42_failed_run",
        "A failed run has still written",
        "An update runs beside a check that fails for p = 1. The run ends with an error, and v is "
        "1 afterwards: a run is no transaction. An update that waits for the check does not run.",
        "An update of a resource variable runs beside a check that fails for p = 1. The run ends "
        "with an error, and v is 1 afterwards.",
        (
            Run("The update beside the check", ("a", "bad"), (), {"p": 1.0}),
            Run("The update after the check", ("guarded",), (), {"p": 1.0}),
        ),
    ),
    Puzzle(
        "p45_dangling_check",
        "A check that is not on the path",
        "Assert(v < 0) was built, and y does not wait for it: y is 1, and nothing is checked. "
        "Build y under the check, and the run fails.",
        "Assert(v < 0) was built, and y does not wait for it: y is 1, and nothing is checked, "
        "whatever the kind of variable.",
        (
            Run("Beside the check", ("y",)),
            Run("After the check", ("checked",)),
            Run("After a Print", ("on_the_path",)),
        ),
    ),
)
