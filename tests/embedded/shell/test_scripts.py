"""Scripts as people write them, against what the machine's own shell makes of them, and what only busybox does."""

import shutil
import subprocess

import pytest

from tests.embedded.shell.container import Container, sh

SCRIPTS = [
    "echo a b   c",
    "echo 'a  b' \"c  d\"",
    "x=1; echo $x \"$x\" ${x}2 '$x'",
    "x='a  b'; echo $x; echo \"$x\"",
    'echo ${x:-none} ${x-none} ${x:+set}; x=; echo "${x:-empty}" "${x-unset}"',
    "x=foo.tar.gz; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.} ${#x}",
    "echo $(echo a; echo b) `echo c`",
    "echo \"$(printf 'a\\n\\n')x\"",
    "echo $((1 + 2 * 3)) $(( (1 + 2) * 3 )) $((7 % 4)) $((-7 / 2)) $((3 > 2)) $((1 == 2))",
    "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i + 1)); done",
    "for x in a b c; do [ $x = b ] && continue; echo $x; done",
    "for x in 1 2 3; do for y in 1 2; do [ $y = 2 ] && continue 2; echo $x$y; done; done",
    "until [ ${n:-0} = 2 ]; do n=$((${n:-0} + 1)); echo $n; done",
    "case abc in x) echo 1;; a*|b*) echo 2;; *) echo 3;; esac",
    'case "a b" in "a b") echo yes;; esac',
    "case '*' in '*') echo star;; esac; case ab in '*') echo no;; *) echo any;; esac",
    "f() { echo $1 $#; return 3; }; f a b; echo $?",
    "if false; then echo a; elif true; then echo b; else echo c; fi",
    "true && echo a || echo b; false && echo c || echo d",
    "! true; echo $?; ! false; echo $?",
    "(x=1; exit 4); echo $? ${x:-unset}",
    "{ echo a; echo b; } | { read x; read y; echo $y $x; }",
    "printf 'one two\\nthree four\\n' | while read -r a b; do echo \"$b-$a\"; done",
    "printf 'a b c d\\n' | { read -r x y; echo \"$x|$y\"; }",
    "printf '  padded  \\n' | { read -r x; echo \"[$x]\"; }",
    "echo err >&2; echo out",
    "{ echo out; echo err >&2; } 2>&1 >/dev/null | tr a-z A-Z",
    "{ { echo out; echo err >&2; } 2>&1 >&3 3>&- | tr a-z A-Z; } 3>&1",
    'set -- a \'b c\' d; for x in "$@"; do echo "<$x>"; done; echo $#; shift; echo $1',
    'echo "$*" $0',
    'set -- a b; echo $2 "$3" ${1} ${10}; set -u; echo $3; echo never',
    "cat <<END\nhello $((1 + 1))\nEND",
    "cat <<'END'\nhello $x\nEND",
    "set -e; false || echo kept; true; false; echo never",
    "x=1; (x=2; echo $x); echo $x",
    "x=$(exit 5); echo $?",
    "eval 'x=1; echo $x'",
    "f() { local x=2; echo $x; }; x=1; f; echo $x",
    "X=1 true; echo ${X:-gone}",
    "echo a; exit 7; echo b",
    "nonexistent 2>/dev/null; echo $?",
    "test -n '' ; echo $?; test -z ''; echo $?; [ a != b ]; echo $?; [ 3 -gt 2 -a 1 = 1 ]; echo $?",
    "printf '%s %d %5s|%-5s|\\n' a 3 b c; printf '\\101\\n'; printf '%s\\n' x y",
    "printf 'b\\na\\nb\\n' | sort | uniq | head -n 1",
    "printf 'a:b\\nc:d\\n' | cut -d: -f2",
    "printf 'x=1\\ny=2\\n' | sed -n 's/^x=//p'; echo aXbX | sed 's/X/-/g'; printf '1\\n2\\n3\\n' | sed 2d",
    "printf '1 web-1 x\\n2 web-10\\n' | grep -w web-1",
    "printf 'a\\nb\\nab\\n' | grep -c a; echo x | grep -q y; echo $?",
    "printf 'a\\nb' | tr '\\n' '\\037' | tr '\\037' '+'; echo",
    "printf 'abc' | head -c 2; echo; seq 3 | tail -n 1; seq 2 | wc -l | tr -d ' '",
    "for i in a b a; do printf '%s-' $i | tr a x | head -c 1; done",
    "tr() { echo mine; }; printf 'a\\n' | tr a b",
    "for i in 1 2; do printf 'a\\n' | tr a b; tr() { echo mine; }; done",
    "f() { sleep 0; return 3; }; f && echo a || echo $?",
    "f() { x=1; sleep 0; return 4; echo never; }; f; echo $? $x",
    "{ sleep 0; echo out; } >/dev/null; echo after; if sleep 0; then echo yes; fi; ! sleep 0; echo $?",
    "for i in 1 2 3; do sleep 0; [ $i = 1 ] && continue; [ $i = 3 ] && break; echo $i; done",
    "X=1 sleep 0; echo ${X:-gone}; printf 'a\\nb\\n' | while read x; do sleep 0; echo $x; done",
    "case $(sleep 0; echo a) in $(echo b)) echo no;; $(sleep 0; echo a)) echo yes;; esac",
    "set -e; sleep 0 && false || echo kept; if (sleep 0; false); then echo no; fi; (sleep 0; exit 3); echo never",
    'echo "${x:-$(echo a)}" ${x:=$(sleep 0; echo b)} $x ${x:+$(echo c)}',
    "f() { local x=2; sleep 0; echo $x; }; x=1; f; echo $x; echo $(sleep 0; echo late) now",
    "a=1 b=2; echo $a$b # a comment",
    "echo a\\\nb; echo 'it'\"'\"'s'",
]


@pytest.mark.skipif(shutil.which("dash") is None, reason="needs dash, the shell that busybox's ash descends from")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_does_what_the_machines_shell_makes_of_it(script: str) -> None:
    real = subprocess.run(
        ["dash", "-c", script, "sh"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )

    ours = sh(script)

    assert (ours.code, ours.out) == (real.returncode, real.stdout)


def test_a_page_is_written_at_once_or_not_at_all() -> None:
    container = Container()

    done = sh("echo token > /www/index.html.new && mv /www/index.html.new /www/index.html", container=container)

    assert done == (0, "", "")
    assert container.files.content == {"/www/index.html": b"token\n"}


def test_an_unknown_command_is_127() -> None:
    assert sh("no-such-thing") == (127, "", "sh: no-such-thing: not found\n")


def test_a_script_that_is_none_says_so() -> None:
    done = sh("if true; then")

    assert done.code == 2
    assert "syntax error" in done.err


def test_background_jobs_run_beside_the_script_and_end_with_it() -> None:
    assert sh("(sleep 1; echo late) & echo early; sleep 2; echo end").out == "early\nlate\nend\n"
    assert sh("(sleep 5; echo never) & echo end").out == "end\n"


def test_wait_waits_for_all_jobs() -> None:
    assert sh("for n in 3 1 2; do (sleep $n; echo $n) & done; wait; echo end").out == "1\n2\n3\nend\n"


@pytest.mark.parametrize("call", ["timeout 2", "timeout -t 2"])
def test_a_command_that_takes_too_long_is_ended(call: str) -> None:
    assert sh(f"{call} sleep 10; echo $?").out == "143\n"
    assert sh(f"{call} sleep 1; echo $?").out == "0\n"
