"""What a scanner types, or somebody pastes, is no key press of a customer's."""

from pathlib import Path

from terminal import Terminal
from way import reach_home, stages

CODE = b"1023456789"
SCANNER = {"KIOSK_DEVICES_SCANNER": "true"}


def turn_language(terminal: Terminal, shown: str) -> None:
    """The same screen still stands there, and answers."""
    terminal.send(b"#")
    terminal.wait_for(f"# {shown}")


def test_what_is_scanned_chooses_nothing_and_a_hand_still_does(tmp_path: Path) -> None:
    with Terminal(tmp_path, environment=SCANNER) as terminal:
        reach_home(terminal)
        terminal.send(CODE + b"\r")
        terminal.until_silent(0.3)
        turn_language(terminal, "繁體中文")
        for character in CODE + b"\t":  # as a scanner does, one after the other
            terminal.send(bytes([character]))
            terminal.read(0.005)
        terminal.until_silent(0.3)
        turn_language(terminal, "简体中文")
        assert stages(tmp_path) == ["visit.started"]
        terminal.send(b"0")
        terminal.wait(lambda: "ticket.issued" in stages(tmp_path), "ticket")


def test_what_is_pasted_chooses_nothing(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        terminal.send(b"\x1b[200~" + CODE + b"\r\x1b[201~")
        terminal.until_silent(0.3)
        turn_language(terminal, "繁體中文")
        terminal.wait_for("1  ")
        assert stages(tmp_path) == ["visit.started"]
