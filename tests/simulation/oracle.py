"""What must be true of a simulated branch: after each synchronisation, and at the end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from machines import Machine
from sync_history import counted, counted_runs, kept_figures, kept_runs
from sync_world import World, assert_consistent, rows

from kiosk.services.branch import check


@dataclass(frozen=True)
class Standing:
    """How the history on a machine relates to what the branch has of this terminal."""

    waiting: int
    """Events that the branch does not have yet."""
    foreign: int
    """Events that the branch has, and this machine has not, or others in their place."""
    receipts_ahead: int
    """Receipts that the machine has, and the branch no longer."""
    other_batches: int
    """Batches that another copy of the machine cut otherwise, and handed over first."""

    @property
    def is_the_branchs(self) -> bool:
        """Whether this history can go on: the branch has nothing else."""
        return not (self.foreign or self.receipts_ahead or self.other_batches)


SETTLED = Standing(0, 0, 0, 0)


def standing(world: World, machine: Machine) -> Standing:
    here = rows(machine.terminal.path, "SELECT seq, id FROM event")
    there = world.rows("SELECT seq, id FROM event WHERE terminal = ?", machine.code)
    # as the line was sent: an id that is none may be anything
    aside = world.rows("SELECT seq, event FROM quarantine WHERE terminal = ?", machine.code)
    known = {seq for seq, _ in (*there, *aside)}
    ((batches,),) = world.rows("SELECT batch_number FROM terminal WHERE code = ?", machine.code)
    receipts = rows(machine.terminal.path, "SELECT batch_number FROM watermark") or [(0,)]
    return Standing(
        waiting=sum(seq not in known for seq, _ in here),
        foreign=len({*there, *aside} - {*here}),
        receipts_ahead=max(0, int(str(receipts[0][0])) - int(str(batches))),
        other_batches=_other_batches(world, machine),
    )


def _other_batches(world: World, machine: Machine) -> int:
    ours = rows(machine.terminal.path, "SELECT number, digest FROM batch")
    theirs = world.rows("SELECT number, digest FROM receipt WHERE terminal = ?", machine.code)
    both = {number for number, _ in ours} & {number for number, _ in theirs}
    return len(both) - len({*ours} & {*theirs})


def judge(world: World, machine: Machine, ended: str | None, excuses: Collection[str]) -> None:
    """Whether a synchronisation may have ended so.

    Args:
        world: The branch.
        machine: Whose synchronisation it was.
        ended: The code of its error; none: it said that nothing is waiting.
        excuses: The codes of what was made to go wrong on its way.
    """
    found = standing(world, machine)
    match ended:
        case None:
            assert found == SETTLED, f"{machine.code} says all is there: {found}"
        case "sync_ahead":
            assert found.foreign, f"{machine.code} is called old: {found}"
        case "sync_fork":
            is_fork = found.foreign or found.receipts_ahead or found.other_batches
            assert is_fork, f"{machine.code} is called a fork: {found}"
        case "sync_branch_lost_data":
            assert found.receipts_ahead, f"{machine.code} believes in a loss: {found}"
        case _:
            assert ended in excuses, f"{machine.code} ended with {ended}"


def assert_nothing_is_half_taken(world: World) -> None:
    """At any moment: events and receipts and what the branch knows of its terminals agree."""
    found = world.rows(
        "SELECT code, acked_seq, (SELECT count(*) FROM event WHERE terminal = code)"
        " + (SELECT count(*) FROM quarantine WHERE terminal = code),"
        " coalesce((SELECT max(to_seq) FROM receipt WHERE terminal = code), 0) FROM terminal"
    )
    for code, acked, taken, receipted in found:
        assert acked == taken == receipted, f"{code}: the branch has a batch by half"


def assert_all_is_well(world: World, machines: Iterable[Machine]) -> None:
    """After healing: every event once, receipts lie end to end, figures are right."""
    machines = list(machines)
    terminals = [machine.terminal for machine in machines]
    assert_consistent(world, *terminals)
    aside = {
        (str(code), int(str(seq)))
        for code, seq in world.rows("SELECT terminal, seq FROM quarantine")
    }
    for machine in machines:
        there = world.rows("SELECT seq, id FROM event WHERE terminal = ?", machine.code)
        promised = [
            (seq, id_)
            for seq, id_ in enumerate(machine.promised, 1)
            if (machine.code, seq) not in aside
        ]
        assert sorted(there) == promised, f"{machine.code}: the branch has other events"
    unharmed = [machine for machine in machines if not machine.is_poisoned]
    for machine in unharmed[:1]:  # each takes as long as many steps
        assert not check(machine.terminal.store).differences
    assert len(world.rows("SELECT id FROM event")) == sum(
        len(machine.promised) for machine in machines
    ) - len(aside)
    assert not check(world.branch).differences
    world.branch.close()
    assert kept_figures(world) == counted(terminals, aside)
    assert kept_runs(world) == counted_runs(terminals, aside)
