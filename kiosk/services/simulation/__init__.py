"""A branch simulated: what its waits would be with other counters, lunches or diversion.

`scenario` describes a branch and its customers, `scenario_file` reads and writes one, `variants`
changes one thing at a time. `days` fixes everything about everybody in advance, `engine` lets a
day happen, `measures` and `comparison` say what came of it and how sure that is. All moments are
minutes since the branch's midnight, as in `kiosk.services.waiting`.
"""
