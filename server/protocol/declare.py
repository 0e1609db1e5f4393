"""How messages are declared: a dataclass each, registered under its name on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the page; the acknowledgement is `{"ok": true, ...response}` or an error."""

    name: str
    body: type[Any]
    response: type[Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a session; on the wire it also carries `session` and `seq`."""

    name: str
    body: type[Any]


REQUESTS: dict[str, Request] = {}
EVENTS: dict[str, Event] = {}

Body = TypeVar("Body", bound=type[Any])


def request(name: str, response: type[Any]) -> Callable[[Body], Body]:
    """Declare the decorated dataclass as the body of request `name`."""

    def decorate(body: Body) -> Body:
        REQUESTS[name] = Request(name, body, response)
        return body

    return decorate


def event(name: str) -> Callable[[Body], Body]:
    """Declare the decorated dataclass as the body of event `name`."""

    def decorate(body: Body) -> Body:
        EVENTS[name] = Event(name, body)
        return body

    return decorate
