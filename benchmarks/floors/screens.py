"""A bare Textual app: `1` pushes a screen that is kept, `9` pops it, `#` changes text in place."""

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class Menu(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("Second screen")
        for number in range(7):
            yield Static(f"{number} A service of the bank\n" * 2)


class Bare(App[None]):
    SCREENS = {"menu": Menu}
    BINDINGS = [("1", "push_screen('menu')"), ("9", "pop_screen"), ("number_sign", "change")]
    count = 0

    def compose(self) -> ComposeResult:
        yield Static("First screen", id="title")
        for number in range(7):
            yield Static(f"{number} A group of services\n" * 2)

    def action_change(self) -> None:
        self.count += 1
        self.query_one("#title", Static).update(f"First screen, change {self.count}.")


Bare().run()
