"""Every run that the gallery suggests works as the page proposes it: nothing is to be typed."""

from __future__ import annotations

import pytest

from opscope.engine import load
from opscope.engine.errors import OpError
from opscope.server.examples import Example, gallery_root, read_gallery
from opscope.server.feeds import feed_dtype, parse_feed
from opscope.server.protocol import requests
from opscope.server.worker.control import Suggested
from opscope.server.worker.needs import plan_response

EXAMPLES = read_gallery(gallery_root())
FAIL_ON_PURPOSE = {
    ("p42_failed_run", "The update beside the check"),
    ("p42_failed_run", "The update after the check"),
    ("p45_dangling_check", "After the check"),
}
"""Puzzles about failing runs, by name and title of the run."""


def fails_on_purpose(example: Example, suggested: Suggested) -> bool:
    name = example.name.removesuffix("_ref").removesuffix("_resource")
    return (name, suggested.title.partition(":")[0]) in FAIL_ON_PURPOSE


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_suggested_run_works(example: Example) -> None:
    program = load(example.path)
    for suggested in example.suggested:
        session = program.session()
        if program.initializers and not program.initial:
            session.run([], targets=program.initializers[:1])
        asked = requests.Plan(
            fetches=suggested.fetches, targets=suggested.targets, feeds=list(suggested.feeds)
        )
        plan = plan_response(program, session, asked)
        assert plan.unsupported == []
        assert plan.uninitialized == []
        feeds = {}
        for need in plan.feeds:
            text = suggested.feeds.get(need.name) or need.value
            feeds[need.name] = parse_feed(need.name, text, feed_dtype(program.flat, need.name))
        if fails_on_purpose(example, suggested):
            with pytest.raises(OpError):
                session.run(suggested.fetches, feeds, targets=suggested.targets)
        else:
            session.run(suggested.fetches, feeds, targets=suggested.targets)
