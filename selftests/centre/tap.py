# SPDX-License-Identifier: GPL-2.0
"""Results of tests that run one after the other, as TAP."""

import traceback
from pathlib import Path

HERE = Path(__file__).resolve()
# Of what one test said when it failed: lines, and characters of each.
LINES, LONG = 20, 500


def complaint(error):
    """Lines: where in these files it came from, what it says, what its program said."""
    where = [frame for frame in traceback.extract_tb(error.__traceback__)
             if Path(frame.filename).parent == HERE.parent and Path(frame.filename) != HERE]
    if where:
        yield f"{Path(where[-1].filename).name}:{where[-1].lineno}: {where[-1].line}"
    yield from "".join(traceback.format_exception_only(error)).splitlines()[:LINES]
    yield from (getattr(error, "stderr", None) or "").splitlines()[-LINES:]


def run_all(tests, aftermath=tuple):
    """Runs the (name, function) of tests in their order; returns an exit status.

    After one that failed, aftermath() sets right what it may have broken for those that
    follow, and returns lines that help to explain it.
    """
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} {name}", flush=True)
        except Exception as error:  # one that fails must not end the others
            failed += 1
            for line in (*complaint(error), *aftermath()):
                print("#", line[:LONG])
            print(f"not ok {number} {name}", flush=True)
    return 1 if failed else 0
