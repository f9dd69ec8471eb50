"""One session of kubectl, run against the real cluster and against the embedded one, and compared.

`chapters` are the commands as data, `running` runs them, `normalising` takes out what two clusters cannot share, `judging` says what
is left; `python -m tests.real.kubectl.table` writes it down.
"""
