"""How long somebody will wait: pure functions over a queue's state and what was learned before.

`state` is the queue at one moment, `learned` what finished services and realised waits taught,
`roll` serves the queue to its end in thought, `prediction` makes quantiles of it, and `ranges` says
which range is shown. There is no clock, no database and no random number in here. All moments are
minutes on one scale: since the branch's midnight, where arrivals are learned by the time of day.
"""
