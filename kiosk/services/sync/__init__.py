"""The road from a terminal's store to its branch database; docs/sync.md says what it promises.

`wire` is what travels, `push` the terminal's end, `receive` the branch's, `status` what people
are told. The terminal reaches the branch through `wire.BranchSide` only, so that another way there
need not touch anything else.
"""

TARGET = "branch"
"""Whose watermark and ledger these are; other targets may come."""
