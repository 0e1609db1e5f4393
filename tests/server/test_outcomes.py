"""A search for outcomes runs beside the run: its messages, its end, and what may be asked of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from opscope.engine.trace.file import unpack
from opscope.server.worker.parts import BEGINS, PART

from .conftest import upload
from .test_stepping import rows

FETCHES = ["update:0", "doubled:0"]
PUZZLES = Path(__file__).parents[2] / "server" / "gallery" / "puzzles"


@pytest.fixture
def session(connect, add, racing_file):
    """A client whose session has run `init`, and knows the outcomes of that."""
    client = connect()
    client.open(add(racing_file))
    client.request("launch", targets=["init"], stopOnEntry=False)
    client.wait_for("reached")
    client.forget()
    return client


def launch(client, **body):
    client.request("launch", **{"fetches": FETCHES, "stopOnEntry": False, **body})


def found(client):
    """What is known of the outcomes."""
    return client.wait_for("outcomes", lambda e: e["state"] is not None)["state"]


def column(group, name):
    """The texts of a column, outcome by outcome."""
    place = [c["name"] for c in group["columns"]].index(name)
    return [row["values"][place]["value"]["text"] for row in group["rows"]]


def test_a_run_is_followed_by_a_quiet_search(session):
    launch(session)
    reached = session.wait_for("reached")
    state = found(session)

    assert (state["quiet"], state["fetches"], state["error"]) == (True, FETCHES, None)
    assert state["found"]["complete"] is True
    (group,) = [group for group in state["found"]["groups"] if group["count"] > 1]
    assert sorted(column(group, "doubled:0")) == ["0.0", "2.0"]
    assert [value["name"] for value in group["agreed"]] + [
        value["name"] for other in state["found"]["groups"][1:] for value in other["agreed"]
    ] == ["update:0", "v"]
    results = session.wait_for("stopped", lambda e: e["reason"] == "finished")["run"]["results"]
    assert column(group, "doubled:0")[reached["reached"][0]] == results[1]["value"]["text"]
    assert not {"progressStart", "progressUpdate", "progressEnd"} & set(session.names())


def test_a_race_names_both_ops_and_what_they_do(session):
    launch(session)
    (race,) = found(session)["found"]["races"]

    assert (race["variable"], race["memory"], race["kind"]) == ("v", "ref", "read-write")
    assert {race["first"]["name"], race["second"]["name"]} == {"update", "doubled"}
    assert race["why"].endswith(".")
    assert race["fix"]


def test_a_run_that_nothing_races_in_has_one_result(session):
    launch(session, fetches=["update:0"])
    session.wait_for("reached")
    state = found(session)

    assert [group["count"] for group in state["found"]["groups"]] == [1]
    assert state["found"]["raceCount"] == 0


def test_a_search_is_answered_at_once_and_ends_with_what_it_found(session):
    launch(session)
    session.wait_for("reached")
    session.forget()
    id = session.request("outcomes")["id"]
    session.wait_for("reached")

    assert session.names() == ["progressStart", "outcomes", "progressEnd", "reached"]
    assert session.wait_for("progressStart")["id"] == found(session)["id"] == id
    assert found(session)["quiet"] is False


def test_an_outcome_is_replayed_to_its_values(session):
    launch(session)
    session.wait_for("reached")
    group = found(session)["found"]["groups"][0]
    for outcome, text in enumerate(column(group, "doubled:0")):
        session.forget()
        run = session.request("replay", group=0, outcome=outcome)["run"]
        stopped = session.wait_for("stopped")
        assert (stopped["run"]["state"], run["schedule"]) == ("paused", "replay")
        assert stopped["next"]["name"] in ("update", "doubled")
        assert rows(session)["v"]["value"]["text"] == "0.0"

        session.request("continue")
        reached = session.wait_for("reached")
        assert (reached["run"], reached["reached"][0]) == (run["id"], outcome)
        results = session.wait_for("stopped", lambda e: e["reason"] == "finished")["run"]["results"]
        assert results[1]["value"]["text"] == text
        assert "outcomes" not in session.names()  # those of the run before are still true


def test_another_choice_is_possible_in_a_replay(session):
    launch(session)
    session.wait_for("reached")
    session.request("replay", group=0, outcome=0)
    session.forget()
    session.request("restart")
    assert session.wait_for("launched")["run"]["schedule"] == "fifo"


@pytest.fixture
def swapped(connect, add):
    """A client that stands before the first racing step of the only schedule that swaps `a` and
    `b`: both assignments read before either of them writes.
    """
    client = connect()
    client.open(add(PUZZLES / "p14_swap_ref.pb"))
    client.request("launch", targets=["init"], stopOnEntry=False)
    client.wait_for("reached")
    client.request("outcomes", targets=["swap"], level="split")
    group = client.wait_for("outcomes", lambda e: e["state"] and not e["state"]["quiet"])
    group = group["state"]["found"]["groups"][0]
    (outcome,) = [at for at, row in enumerate(group["rows"]) if row["torn"]]
    client.forget()
    client.request("replay", group=0, outcome=outcome)
    return client


def test_overlapping_kernels_are_stepped_part_by_part(swapped):
    run, doings = swapped.wait_for("stopped")["run"], {"Assign": [], "Assign_1": []}
    swapped.request("goto", step=0)
    for cursor in range(run["total"]):
        at = swapped.wait_for("stopped", lambda e, c=cursor: e["run"]["cursor"] == c)["next"]
        if at["part"]:
            doings[at["name"]].append(at["part"])
        swapped.request("next")
    for name, source, target in (("Assign", "b", "a"), ("Assign_1", "a", "b")):
        assert doings[name] == ["begins", f"reads {source}", "computes", f"writes {target}", "ends"]
    assert swapped.wait_for("reached")["run"] == run["id"]
    values = {name: row["value"]["text"] for name, row in rows(swapped).items()}
    assert values == {"a": "2.0", "b": "1.0"}
    writers = {name: row["writer"]["op"] for name, row in rows(swapped).items()}
    assert writers == {"a": "Assign", "b": "Assign_1"}


def test_steps_of_parts_name_the_op_and_say_what_they_are(swapped):
    run = swapped.wait_for("stopped")["run"]
    swapped.request("continue")
    swapped.wait_for("stopped", lambda e: e["reason"] == "finished")
    told = swapped.request("steps", run=run["id"], first=0)
    steps = unpack(told["data"], told["count"])
    parts = {}
    for step in steps:
        parts.setdefault(int(step["op"]), []).append(int(step["flags"]) & (PART | BEGINS))
    taken_apart = [flags for flags in parts.values() if any(flags)]
    assert taken_apart == [[PART | BEGINS, PART, PART, PART, 0]] * 2
    planned = set(np.frombuffer(swapped.wait_for("launched")["plan"]["nodes"], "<u4").tolist())
    assert set(parts) == planned


def test_where_kernels_overlap_only_the_next_op_can_be_picked(swapped):
    stopped = swapped.wait_for("stopped")
    following, ready = stopped["next"], np.frombuffer(stopped["ready"], "<i4")[::3].tolist()
    (other,) = set(ready) - {following["op"]}
    said = swapped.refused("next", op=other)["message"]
    assert f"'{following['name']}' is next" in said
    swapped.forget()
    swapped.request("next", op=following["op"])
    assert swapped.wait_for("stopped")["run"]["cursor"] == stopped["run"]["cursor"] + 1
    swapped.request("restart")  # whole ops again
    restarted = swapped.wait_for("launched")["run"]
    assert (restarted["schedule"], restarted["total"]) == ("fifo", 7)


def test_two_outcomes_are_compared(session):
    launch(session)
    session.wait_for("reached")
    diff = session.request("diff", group=0, first=0, second=1)

    assert diff["parts"] == 0
    first, second = ([step["name"] for step in diff[side]["steps"]] for side in ("first", "second"))
    assert sorted(first) == sorted(second) == ["doubled", "update"]
    assert first != second
    (value,) = diff["values"]
    assert value["name"] == "doubled:0"
    assert {value["first"]["text"], value["second"]["text"]} == {"0.0", "2.0"}
    assert diff["reversed"] == [0]


def test_the_rows_of_a_group_can_be_asked_for(session):
    launch(session)
    session.wait_for("reached")
    rows = session.request("outcomeRows", group=0, first=1)["rows"]
    assert rows == found(session)["found"]["groups"][0]["rows"][1:]


def test_another_run_ends_what_was_known_of_the_one_before(session):
    launch(session)
    session.wait_for("reached")
    session.forget()
    session.request("launch", fetches=["update:0"])
    assert session.wait_for("outcomes")["state"] is None
    assert "search for them first" in session.refused("diff", group=0, first=0, second=1)["message"]


def test_a_restart_keeps_what_is_known(session):
    launch(session)
    session.wait_for("reached")
    session.forget()
    session.request("restart", schedule="lifo")
    session.request("continue")
    session.wait_for("reached")
    assert "outcomes" not in session.names()


def test_a_client_that_comes_later_knows_as_much(session, connect):
    launch(session)
    session.wait_for("reached")
    id = session.wait_for("reached")["session"]
    answer = connect().request("attach", session=id)
    assert answer["outcomes"]["found"]["races"]
    assert answer["outcomes"]["reached"] == session.wait_for("reached")["reached"]
    assert answer["search"] is None


def test_outcomes_of_a_run_that_was_only_described(session):
    session.request("outcomes", fetches=FETCHES)
    state = found(session)
    assert (state["run"], state["fetches"], state["reached"]) == (None, FETCHES, [])
    run = session.request("replay", group=0, outcome=1)["run"]
    session.request("continue")
    assert session.wait_for("reached")["run"] == run["id"]
    assert session.wait_for("reached")["reached"][0] == 1


@pytest.fixture
def searching(connect, add, long_search_file):
    """A client with a run that is paused and a search that takes minutes, and its number."""
    client = connect()
    client.open(add(long_search_file))
    client.request("launch", targets=["init"], stopOnEntry=False)
    client.wait_for("reached")
    client.forget()
    client.request("launch", targets=["all"])
    id = client.request("outcomes", budget=600)["id"]
    client.wait_for("progressUpdate", lambda e: e["states"] > 0)
    return client, id


def test_a_run_is_stepped_while_a_search_goes_on(searching):
    client, id = searching
    for _ in range(3):
        client.request("next")
    assert client.wait_for("stopped", lambda e: e["run"]["cursor"] == 3)
    assert "progressEnd" not in client.names()
    client.request("cancel", id=id)


def test_a_search_that_is_stopped_tells_what_it_found(searching):
    client, id = searching
    client.request("cancel", id=id + 1)  # another search: nothing
    client.request("cancel", id=id)

    state = found(client)
    assert (state["found"]["complete"], state["found"]["stopped"]) == (False, True)
    assert client.wait_for("progressEnd")["id"] == id
    assert state["found"]["groups"][0]["count"] > 1
    client.request("cancel", id=id)  # has ended: nothing


def test_another_run_ends_a_search(searching):
    client, id = searching
    client.request("launch", targets=["init"])
    assert client.wait_for("progressEnd")["id"] == id
    assert all(e["state"] is None for n, e in client.timeline if n == "outcomes")


def test_another_search_ends_a_search(searching):
    client, id = searching
    other = client.request("outcomes", budget=0.2)["id"]
    assert client.wait_for("progressEnd")["id"] == id
    state = found(client)
    assert (state["id"], state["found"]["stopped"]) == (other, True)


def test_a_described_run_must_wait_for_the_one_under_way(searching):
    client, _ = searching
    assert "is not over" in client.refused("outcomes", targets=["all"])["message"]


def test_what_makes_no_sense_is_refused(session):
    launch(session)
    session.wait_for("reached")
    for name, body, part in (
        ("outcomes", {"level": "loose"}, "must be one of atomic, split"),
        ("outcomes", {"budget": 0}, "the budget must be more than 0"),
        ("outcomes", {"fetches": ["nothing:0"]}, "nothing"),
        ("replay", {"group": 9, "outcome": 0}, "the set has no group number 9"),
        ("replay", {"group": 0, "outcome": 2}, "group 0 has no outcome number 2: there are 2"),
        ("diff", {"group": 0, "first": 0, "second": -1}, "no outcome number -1"),
    ):
        assert part in session.refused(name, **body)["message"]


def test_there_is_nothing_to_search_before_a_run(connect, add, racing_file):
    client = connect()
    client.open(add(racing_file))
    assert "no run has been launched" in client.refused("outcomes")["message"]


def test_a_run_that_fails_tells_whether_it_had_to(session, connect, add, racing_file):
    client = connect()
    client.open(add(racing_file))
    launch(client)
    reached = client.wait_for("reached")
    group = found(client)["found"]["groups"][0]
    assert [row["error"]["op"] for row in group["rows"]] == ["doubled", "update"]
    failed = client.wait_for("stopped", lambda e: e["reason"] == "exception")["run"]["error"]
    assert group["rows"][reached["reached"][0]]["error"]["op"] == failed["op"]
    assert (group["columns"], [value["name"] for value in group["agreed"]]) == ([], ["v"])


def test_a_repair_shows_what_it_changes_and_is_saved(session, server, tmp_path):
    launch(session)
    session.wait_for("reached")
    session.request("repairs", race=0)
    event = session.wait_for("repairs")
    assert (event["race"], event["error"]) == (0, None)
    repair = event["repairs"][0]
    assert (repair["removes"], repair["before"], repair["after"]) == (True, 2, 1)
    assert [column["name"] for column in repair["columns"]] == ["doubled:0"]
    assert len(repair["gone"]) == len(repair["kept"]) == 1
    (edge,) = repair["edges"]
    assert "update" in edge.values()
    assert "control" in repair["python"]

    repaired = session.request("repairedGraph", repair=0)
    assert set(repaired["fetches"]) == {"update:0", "doubled:0"}
    assert (repaired["targets"], repaired["feeds"]) == ([], {})
    (file,) = repaired["files"]
    path = tmp_path / file["name"]
    path.write_bytes(file["data"])
    session.open(upload(server, path))
    session.request("launch", targets=["init"], stopOnEntry=False)
    session.wait_for("reached", lambda e: e["run"] == 1)
    session.forget()
    launch(session)
    session.wait_for("reached")
    assert [group["count"] for group in found(session)["found"]["groups"]] == [1]


def test_repairs_are_refused_where_there_is_no_such_race(session):
    launch(session)
    session.wait_for("reached")
    assert "no race number 5" in session.refused("repairs", race=5)["message"]
    assert "no repair number 0" in session.refused("repairedGraph", repair=0)["message"]


def test_the_same_run_under_the_other_kind_of_variables(session):
    launch(session)
    session.wait_for("reached")
    session.request("compareModels")
    event = session.wait_for("models")
    assert event["error"] is None
    comparison = event["comparison"]
    assert comparison["complete"] is True
    assert len(comparison["both"]) == 2
    assert comparison["onlyReference"] == comparison["onlyResource"] == comparison["why"] == []
