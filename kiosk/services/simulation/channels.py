"""Who goes to an e-channel, and who draws a ticket when.

An e-channel's queue knows nothing of the counters: first come, first served. So what happens there
is known before the counters' day begins.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from kiosk.services.simulation.days import Day, WalkIn
from kiosk.services.simulation.scenario import Scenario, Service


class Coming(NamedTuple):
    """Somebody who draws a ticket."""

    at: float
    walk_in: WalkIn
    came_back: bool
    """Whether they had tried an e-channel."""


@dataclass(frozen=True)
class Lobby:
    """What came of everybody before the counters."""

    coming: tuple[Coming, ...]
    """In the order of their tickets."""
    diverted: int
    """Who needed no ticket."""
    came_back: int
    waits: Mapping[str, tuple[float, ...]]
    """E-channel → minutes in its queue, of each who went there."""


def lobby_of(scenario: Scenario, day: Day) -> Lobby:
    """Send everybody where they go."""
    routes = {each.code: _route(each, scenario) for each in scenario.services}
    free = {each.channel: [scenario.opens] * each.count for each in scenario.devices}
    waits: dict[str, list[float]] = {each.channel: [] for each in scenario.services if each.channel}
    coming: list[Coming] = []
    diverted = came_back = 0
    for walk_in in day.walk_ins:
        channel, accepted = routes[walk_in.service]
        if not walk_in.can_channel or walk_in.acceptance_draw >= accepted[walk_in.is_priority]:
            coming.append(Coming(walk_in.at, walk_in, came_back=False))
            continue
        begins = _begins(free.get(channel), walk_in)
        waits[channel].append(begins - walk_in.at)
        if walk_in.comes_back:
            came_back += 1
            coming.append(Coming(begins + walk_in.channel_minutes, walk_in, came_back=True))
        else:
            diverted += 1
    coming.sort(key=attrgetter("at"))
    return Lobby(
        tuple(coming),
        diverted,
        came_back,
        {channel: tuple(minutes) for channel, minutes in waits.items()},
    )


def _route(service: Service, scenario: Scenario) -> tuple[str, tuple[float, float]]:
    """A service's e-channel, and its acceptance: everybody's, and of those who may go ahead."""
    ahead = service.acceptance * scenario.customers.priority_acceptance
    return service.channel or "", (service.acceptance, ahead)


def _begins(free: list[float] | None, walk_in: WalkIn) -> float:
    """When a machine is free, and occupy it; an e-channel without machines always is."""
    if free is None:
        return walk_in.at
    begins = max(walk_in.at, free[0])
    heapq.heapreplace(free, begins + walk_in.channel_minutes)
    return begins
