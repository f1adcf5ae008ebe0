"""What stands in the lobby and can be out of order, by the names that staff know."""

from collections.abc import Collection
from dataclasses import dataclass

from kiosk.config import Machines
from kiosk.services.catalog import Catalog


@dataclass(frozen=True)
class Device:
    """A channel, or one machine of it."""

    channel: str
    machine: int | None = None
    """None: the whole channel."""

    @property
    def code(self) -> str:
        """As the day book has it."""
        return self.channel if self.machine is None else f"{self.channel}_{self.machine}"


def devices(catalog: Catalog, machines: Collection[Machines]) -> list[Device]:
    """Each machine of the channels that have some, and each other channel.

    Args:
        catalog: Has the channels, in their order.
        machines: What stands in the lobby.
    """
    numbers = {each.channel: each.numbers for each in machines}
    found: list[Device] = []
    for channel in catalog.channels:
        if channel.code in numbers:
            found += [Device(channel.code, number) for number in numbers[channel.code]]
        else:
            found.append(Device(channel.code))
    return found
