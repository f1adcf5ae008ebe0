"""How much room the coach and the questions have on the smallest terminal."""

from rich.cells import cell_len

from kiosk.boxes import CHECK_ROWS, COACH_ROWS, least_check_rows, least_coach_rows


def test_the_coach_says_its_task_and_one_thing_more() -> None:
    assert least_coach_rows("phone", "x" * 28, ("y", "y" * 26), cell_len) == 2
    assert least_coach_rows("phone", "x" * 29, ("y", "y" * 27), cell_len) == 4
    assert least_coach_rows("atm", "x" * 23, ("y" * 20,), cell_len) == 3
    longest = " ".join(["words"] * 20)
    assert least_coach_rows("computer", "x" * 60, (longest,), cell_len) <= COACH_ROWS


def test_a_question_stands_above_its_answers_and_the_way_out() -> None:
    short = ("yes", "no")
    assert least_check_rows("q" * 56, short, cell_len) == 3 * 3
    assert least_check_rows("q" * 57, short, cell_len) == 2 + 3 * 3
    assert least_check_rows("q", ("a" * 50, *short, "b"), cell_len) == 5 * 3 < CHECK_ROWS
    assert least_check_rows("q", ("a" * 51, *short), cell_len) == 4 * 4 == CHECK_ROWS
