# SPDX-License-Identifier: GPL-2.0
"""Finds in a kernel's log what a kernel says when something is wrong with it."""

import re

REPORT = re.compile(
    r"\bBUG\b|WARNING:|\bOops\b|Kernel panic|general protection fault|Call [Tt]race:"
    r"|Unable to handle kernel|Internal error:"
    r"|KASAN|KCSAN|UBSAN|ODEBUG|kmemleak: [1-9]|unreferenced object|refcount_t:"
    r"|possible (circular|recursive|irq lock)|inconsistent lock state"
    r"|suspicious RCU usage|INFO: task|INFO: lockdep|INFO: trying to register"
    r"|detected stalls?\b|list_(add|del) corruption|scheduling while atomic"
    # A checker that gave up finds nothing, which must not look like success.
    r"|leak detector disabled|turning off the locking correctness validator"
)

# The kernel for data races looks at the accesses of our modules, and at some places that
# the kernel's own authors marked; what is wrong there is not ours to mend. A race counts
# when a function of a module of ours is on one of the two stacks.
RACE_FIRST = re.compile(r"BUG: KCSAN:")
RACE_LAST = re.compile(r"Reported by Kernel Concurrency Sanitizer")
OURS = re.compile(r"\[smpair\w*\]")


def without_foreign_races(lines):
    """The lines, less each report of a data race that has nothing of ours."""
    race = None
    for line in lines:
        if RACE_FIRST.search(line):
            yield from race or ()
            race = [line]
        elif race is None:
            yield line
        else:
            race.append(line)
            if RACE_LAST.search(line):
                if any(map(OURS.search, race)):
                    yield from race
                race = None
    yield from race or ()


def first_report(lines):
    """The first line of a log that reports something wrong, or None."""
    for line in without_foreign_races(lines):
        if REPORT.search(line):
            return line.strip()
    return None


# What an emulated machine dies of now and then, and no other: one processor trips over
# the breakpoint that the other sets while the kernel patches itself, or a busy host
# keeps the timer's interrupt from coming while the kernel looks for it.
STILLBORN = re.compile(r"Oops: int3|Kernel panic - not syncing: IO-APIC \+ timer doesn't work")


# Where the timers differ by which a kernel measures its processor's clock, it believes the
# one that a busy host gets wrong: 42 MHz were found where there are 2594. vm/session ends it.
MISJUDGED = re.compile(r"tsc: Using PIT calibration value")


def stillborn(lines):
    """Did the kernel end before anything of ours: died before its first process, or was
    ended by that for its sense of time?"""
    return any(map(MISJUDGED.search, lines)) or any(map(STILLBORN.search, lines)) and \
        not any("Run /init as init process" in line for line in lines)
