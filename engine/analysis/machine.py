"""An execution that a search drives: forward by moves, back by the undo log.

It says what each move touched, and what precedes what.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..executor.executor import Executor
from ..executor.plan import Plan, PlanOp
from ..executor.propagator import Instance
from ..executor.schedule import Entry
from ..memory import Alias, Array, Memory, RefVariable, UndoLog
from ..ops.registry import Lock
from .access import ERROR, AccessRule, CellKey, Cells, Touch, refined
from .interning import Interner, Memo
from .locks import LockStep, lock_of
from .order import HappensBefore, StaticOrder, Turn, bits
from .split.graph import Part, SplitGraph

_SWALLOWED = ("Const", "NoOp")
"""Op types that a failure may swallow where they have inputs: TensorFlow's executor handles them in
the thread that failed, which does not reset its status."""


Owner = tuple[int, Turn]
"""A kernel that holds a lock: its node, and where it runs."""


class Kind(enum.Enum):
    """What a move does."""

    FIRE = "fire"
    DROP = "drop"
    FETCH = "fetch"
    """Looks at a fetched reference, as the op does that ends the run for it."""


class Move(NamedTuple):
    """A choice: what happens to one execution."""

    number: int
    kind: Kind


class Choice(NamedTuple):
    """A move as every machine of the same run understands it.

    Attributes:
        key: of its op or fetch, as races have it.
        frame: the loop activation, as `frame_text` writes it; None outside of loops.
    """

    key: int
    frame: str | None
    iteration: int
    kind: str


class _Dead:
    """A schedule that leaves dead ops to the search."""

    name = "search"
    position = 0

    def __init__(self, *, drops: bool) -> None:
        self.drops = drops

    def choose(self, ready: list[Instance], step: int) -> int:
        return 0


class Machine:
    """A run under a search's control.

    Attributes:
        executed: the bits of the executions that are over, dropped ones included.
        path: the moves so far.
        touched: execution -> everything it has been seen to touch, in any schedule.
        grown: whether `touched` learnt something new since this was last set to False.
        runs: the bits of the executions of each schedule that ended, in any search.
        has_failed: whether some schedule has failed.
        failures: whether the search knows that: then what a failure may swallow is a choice.
        spend: called before each op that is executed without a choice; it may raise to stop that.
        tokens: op -> what its last execution was given, of ops that touch memory.
        held: what kernels that are taken apart have locked: variable, whether exclusively, kernel.
        adoptions: resource variable, and the contents of the buffer that it shows since an
            assignment gave it an alias.
        steps: how many ops were executed or answered from memory.
    """

    def __init__(
        self,
        plan: Plan,
        memory: Memory,
        feeds: Sequence[Any],
        static: StaticOrder,
        split: SplitGraph | None = None,
    ) -> None:
        self.plan = plan
        self.memory = memory
        memory.prints = False
        self.order = HappensBefore(plan, static)
        self.touched: list[set[Touch]] = []
        self.grown = False
        self.failures = False
        self.spend: Callable[[], None] = lambda: None
        self.tokens: dict[int, list[Any]] = {}
        self.held: frozenset[tuple[Any, bool, Owner]] = frozenset()
        self.has_failed = False
        self.runs: set[int] = set()
        self.adoptions: set[tuple[tuple[str, str], CellKey]] = set()
        self.steps = 0
        self._feeds = list(feeds)
        self._entries: dict[Move, Entry] = {}
        self._undo = UndoLog()
        self._create_variables()
        self.cells = Cells(memory)
        self.interner = Interner(self.cells.is_held)
        for key, resource in memory.resource_variables.items():
            if isinstance(resource.value, Alias):
                self.adoptions.add((key, self.cells.contents(resource.value.buffer)))
        self._memo = Memo(self.interner)
        self._static = static
        self._parts = {} if split is None else split.parts
        locks = {} if split is None else split.locks
        self._locks = {op.id: locks[op.node.index] for op in plan.ops if op.node.index in locks}
        if split is not None:
            self.cells.elements = dict(split.elements)
        self._rules = [AccessRule(op) for op in plan.ops]
        self._ref_fetches = [
            position
            for position, (source, output) in enumerate(plan.fetches)
            if isinstance(source, PlanOp) and _is_ref(source, output)
        ]
        self.restart()

    def _create_variables(self) -> None:
        """Create the records of reference variables, so that no schedule is the first to do it."""
        for op in self.plan.ops:
            if op.node.type in ("VariableV2", "Variable"):
                attrs = op.node.attrs
                self.memory.ref_variable(
                    attrs["container"].decode(),
                    attrs["shared_name"].decode(),
                    op.node.name,
                    attrs["dtype"],
                    attrs["shape"],
                )

    def restart(self) -> None:
        """Come back to the beginning of the run."""
        self._undo.rewind(0)
        self._undo = UndoLog()
        self.executed = 0
        self.dropped = 0
        self.path: list[Move] = []
        self._marks: list[tuple[int, int, int, frozenset[tuple[Any, bool, Owner]]]] = []
        self.held = frozenset()
        self.executor = Executor(
            self.plan,
            self.memory,
            self._feeds,
            _Dead(drops=self.failures),
            undo=self._undo,
            evaluate=self._memo,
        )
        _ = self.executor.propagator

    def close(self) -> None:
        """Put the memory back into the state before the run."""
        self._undo.rewind(0)
        self.executor.close()

    @property
    def branches(self) -> bool:
        """Whether which ops execute depends on the schedule."""
        return self.has_failed or not self.plan.is_straight

    def value(self, key: tuple[str, str]) -> Array | None:
        """What the variable `key` holds now; None if it is uninitialised."""
        ref = self.memory.ref_variables.get(key)
        if ref is not None:
            return None if ref.buffer is None else ref.buffer.array
        resource = self.memory.resource_variables.get(key)
        return None if resource is None or resource.value is None else resource.read()

    # Ops and fetches as keys: what races are between

    @property
    def keys(self) -> list[int]:
        """Execution -> the key of its op; fetches of references have keys of their own."""
        return self.order.keys

    def ancestors(self, key: int) -> int:
        """The keys of all that may lead to `key`, itself included."""
        count = len(self.plan.ops)
        if key < count:
            return self._static.ancestors[key]
        source = self.plan.fetches[key - count][0]
        assert isinstance(source, PlanOp)
        return self._static.ancestors[source.id] | 1 << key

    def descendants(self, key: int) -> int:
        """The keys of all that `key` may lead to, itself included."""
        count = len(self.plan.ops)
        if key >= count:
            return 1 << key
        mask = self._static.descendants[key]
        for position in self._ref_fetches:
            source = self.plan.fetches[position][0]
            if isinstance(source, PlanOp) and mask >> source.id & 1:
                mask |= 1 << count + position
        return mask

    # Moving

    def settle(self, is_free: Callable[[int], bool], scope: int | None = None) -> None:
        """Make every move that is free, and those that this makes possible, until none is left."""
        executor = self.executor
        propagator = executor.propagator
        order = self.order
        moved = True
        while moved:
            moved = False
            at = 0
            while at < len(propagator.ready):
                instance = propagator.ready[at]
                number = order.number(instance)
                if (
                    is_free(number)
                    and (scope is None or scope >> instance.op.id & 1)
                    and self._may_lock(instance.op)
                ):
                    self.spend()
                    self._begin(Move(number, Kind.FIRE))
                    order.learn(instance, self.executed)
                    self._fire(at, instance, number)
                    self.executed |= 1 << number
                    moved = True
                else:
                    at += 1
            for move in self._dead_moves() + self._fetch_moves():
                if is_free(move.number):
                    self.do(move)
                    moved = True

    def moves(self) -> list[Move]:
        """What can happen next."""
        number = self.order.number
        failed = self.executor.error is not None
        found: list[Move] = []
        for instance in self.executor.ready:
            if not self._may_lock(instance.op):
                continue
            found.append(Move(number(instance), Kind.FIRE))
            if failed and _may_be_swallowed(instance.op):
                found.append(Move(number(instance), Kind.DROP))
        for move in self._dead_moves():
            found.append(move)
            if failed:
                found.append(Move(move.number, Kind.DROP))
        return found + self._fetch_moves()

    def choice(self, move: Move) -> Choice:
        """What `move` is called in other machines of this run."""
        return Choice(self.keys[move.number], *self.order.place(move.number), move.kind.value)

    def moves_by_choice(self) -> dict[Choice, Move]:
        """What can happen next, by what it is called in other machines."""
        return {self.choice(move): move for move in self.moves()}

    @property
    def is_blocked(self) -> bool:
        """Whether something that is ready waits for a lock."""
        return bool(self.held) and not all(
            self._may_lock(instance.op) for instance in self.executor.ready
        )

    def locks(self, op: PlanOp, cell: CellKey) -> set[Lock]:
        """What the kernel of `op` holds while it touches `cell`, input by input."""
        found: set[Lock] = set()
        for position in op.memory_inputs:
            if op.id in self.tokens and self.cells.behind(self.tokens[op.id][position]) == cell:
                found.add(lock_of(op, position))
        return found or {Lock.NONE}

    def _may_lock(self, op: PlanOp) -> bool:
        """Whether what `op` locks is not held by another kernel."""
        step = self._locks.get(op.id)
        if step is None or not self.held:
            return True
        return not any(
            lock == taken and (exclusive or exclusively)
            for taken, exclusively in step.takes
            for lock, exclusive, _ in self.held
        )

    def _lock(self, instance: Instance, number: int) -> set[Touch]:
        """Take or give back what the op that just executed locks; what that touches."""
        step = self._locks.get(instance.op.id)
        part = self._parts.get(instance.op.node.index)
        if step is None:
            if part is None:
                return set()
            step = LockStep(part.of)
        touched = {Touch(("lock", lock), alone) for lock, alone in step.takes + step.gives}
        kernel = (step.kernel, self.order.turns[number])
        if self.executor.raised or (step.gives and not step.takes):
            # A kernel that fails, in whichever of its parts, gives back what it has.
            given = {entry for entry in self.held if entry[2] == kernel}
            self.held -= given
            touched |= {Touch(("lock", lock), alone) for lock, alone, _ in given}
        elif step.takes and not step.gives:
            self.held |= {(lock, alone, kernel) for lock, alone in step.takes}
        return touched

    def _dead_moves(self) -> list[Move]:
        dead = self.executor.propagator.dead
        number = self.order.number
        return [Move(number(instance, dead=True), Kind.FIRE) for instance in dead]

    def _fetch_moves(self) -> list[Move]:
        found: list[Move] = []
        for position in self._ref_fetches:
            if self.executor.has_arrived(position):
                source = self.plan.fetches[position][0]
                assert isinstance(source, PlanOp)
                found.append(Move(self._fetch_number(position, source), Kind.FETCH))
        return found

    def _fetch_number(self, position: int, source: PlanOp) -> int:
        at = next(n for n in bits(self.executed) if self.order.ops[n] is source)
        return self.order.fetch(position, at)

    def do(self, move: Move) -> None:
        """Make `move`; `back` takes it back."""
        self._begin(move)
        if move.kind is Kind.FETCH:
            self._fetch(move.number)
        else:
            self._handle(move)
        self.executed |= 1 << move.number

    def _begin(self, move: Move) -> None:
        self._marks.append((self._undo.mark(), self.executed, self.dropped, self.held))
        self.path.append(move)
        self.steps += 1

    def back(self) -> None:
        """Take the last move back."""
        mark, self.executed, self.dropped, self.held = self._marks.pop()
        self.path.pop()
        self._undo.rewind(mark)

    @contextmanager
    def focused(self, ops: int | None) -> Generator[None]:
        """Leave ops that are ready and not among the bits `ops` out of sight for a while."""
        if ops is None:
            yield
            return
        undo, propagator = self._undo, self.executor.propagator
        mark = undo.mark()
        undo.attribute(propagator, "ready")
        propagator.ready = [i for i in propagator.ready if ops >> i.op.id & 1]
        yield
        if self._undo is undo:
            undo.rewind(mark)

    def back_to(self, length: int) -> None:
        """Take moves back until `path` is `length` long."""
        while len(self.path) > length:
            self.back()

    def _handle(self, move: Move) -> None:
        executor = self.executor
        propagator = executor.propagator
        index, dead = self._find(move.number)
        if dead:
            instance = propagator.take_dead(index)
            self.order.learn(instance, self.executed, dead=True)
            self._note(move.number, {Touch(ERROR, writes=False)})
            if move.kind is Kind.FIRE:
                propagator.finish_dead(instance)
            else:
                self.dropped |= 1 << move.number
            return
        instance = propagator.ready[index]
        self.order.learn(instance, self.executed)
        if move.kind is Kind.DROP:
            self._note(move.number, {Touch(ERROR, writes=False)})
            self.dropped |= 1 << move.number
            executor.drop(index)
            return
        self._fire(index, instance, move.number)

    def _find(self, number: int) -> tuple[int, bool]:
        for index, instance in enumerate(self.executor.ready):
            if self.order.number(instance) == number:
                return index, False
        for index, instance in enumerate(self.executor.propagator.dead):
            if self.order.number(instance, dead=True) == number:
                return index, True
        raise LookupError(f"execution {number} is not ready")

    def _fire(self, index: int, instance: Instance, number: int) -> None:
        executor = self.executor
        rule = self._rules[instance.op.id]
        if rule.silent and instance.op.id not in self._locks and not _may_be_swallowed(instance.op):
            executor.step(index)
            if executor.raised:
                self._note(number, {Touch(ERROR, writes=True), *self._lock(instance, number)})
            return
        tokens = executor.propagator.inputs(instance)
        self.tokens[instance.op.id] = tokens
        touched = rule.reads(tokens, self.cells)
        adopted = rule.adopted(tokens, self.cells)
        if adopted is not None:
            self.adoptions.add(adopted)
        before = rule.before(tokens)
        executor.step(index)
        for seen in before:
            touched.update(seen.writes(self.cells, number))
        if executor.raised:
            touched.add(Touch(ERROR, writes=True))
        elif _may_be_swallowed(instance.op):
            touched.add(Touch(ERROR, writes=False))
        if self.cells.elements:
            touched = refined(instance.op, tokens, touched, self.cells)
        if self._locks:
            touched |= self._lock(instance, number)
        self._note(number, touched)

    def _fetch(self, number: int) -> None:
        position = self.order.fetches[number]
        failed = self.executor.error
        token = self.executor.token(position)
        touched: set[Touch] = set()
        if isinstance(token, RefVariable):
            touched.add(Touch(self.cells.record(token), writes=False))
        self.executor.dereference(position)
        if self.executor.error is not failed:
            touched.add(Touch(ERROR, writes=True))
        self._note(number, touched)

    def _note(self, number: int, touched: set[Touch]) -> None:
        while len(self.touched) <= number:
            self.touched.append(set())
        self.has_failed |= Touch(ERROR, writes=True) in touched
        known = self.touched[number]
        if not touched <= known:
            known |= touched
            self.grown = True

    # What moves are called

    def witness(self, moves: Sequence[Move]) -> list[Entry]:
        """`moves` as the entries of a schedule."""
        found: list[Entry] = []
        for move in moves:
            entry = self._entries.get(move)
            if entry is None:
                entry = self._entries[move] = self._entry(move)
            found.append(entry)
        return found

    def _part_entry(self, move: Move, part: Part) -> Entry:
        name = self.plan.flat.nodes[part.of].name
        entry = Entry(name, None, None, part.phase, part.element, part.input, part.which)
        if self.order.in_loop(move.number):
            frame, iteration = self.order.place(move.number)
            return entry._replace(frame=frame, iteration=iteration)
        return entry

    def _entry(self, move: Move) -> Entry:
        position = self.order.fetches.get(move.number)
        if position is not None:
            return Entry(self.plan.fetch_name(position))
        op = self.order.ops[move.number]
        part = self._parts.get(op.node.index)
        if part is not None:
            return self._part_entry(move, part)
        phase = "drop" if move.kind is Kind.DROP else "whole"
        if not self.order.in_loop(move.number):
            return Entry(op.node.name, phase=phase)
        frame, iteration = self.order.place(move.number)
        return Entry(op.node.name, frame, iteration, phase)


def _is_ref(op: PlanOp, output: int) -> bool:
    return op.declaration.output_dtypes(op.node.attrs)[output].is_ref


def _may_be_swallowed(op: PlanOp) -> bool:
    return op.node.type in _SWALLOWED and op.frame.pending[op.local] > 0
