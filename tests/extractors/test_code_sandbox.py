"""Programs that try to get out, to take too much, or to pass without passing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from evalharness.core.errors import HarnessError
from evalharness.extractors.code.engines import DOCKER, PODMAN, Engine
from evalharness.extractors.code.finding import WAYS, find_sandbox, try_walls
from evalharness.extractors.code.isolation import Isolation
from evalharness.extractors.code.limits import Limits, Ran
from evalharness.extractors.code.runtime import find_runtime
from evalharness.extractors.code.sandbox import Sandbox

BRIEF = Limits(wall_s=1.5, cpu_s=1)
TESTS = "assert add(1, 2) == 3"
GOOD = "def add(a, b):\n    return a + b\n"


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: str(way.name))
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    isolation: Isolation = request.param
    missing = isolation.missing()
    if missing:
        pytest.skip(f"{isolation.name}: {missing}")
    found = Sandbox(isolation)
    problem = try_walls(found)
    if problem:
        find_sandbox()  # raises, and so fails, where no other way works either
        pytest.skip(f"{isolation.name} is here, but cannot be used: {problem}")
    return found


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process outside that nothing inside may see or stop."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def refused(sandbox: Sandbox, source: str) -> Ran:
    """A program that tries something; passes where every attempt raised an OSError."""
    head = """
import os, socket, sys
def attempt(act, *arguments):
    try:
        found = act(*arguments)
    except OSError:
        return
    raise SystemError(f"{act} {arguments} gave {found!r}"[:300])
"""
    return sandbox.run(head + source)


def test_one_way_at_least_works_here() -> None:
    assert find_sandbox().run(GOOD, TESTS, "add").status == "passed"


def test_no_program_is_run_where_no_way_works(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lacking(Isolation):
        name = "lacking"

        def missing(self) -> str:
            return "there is none"

        def command(self, *_: object) -> list[str]:
            raise AssertionError("started without walls")

    class Broken(Lacking):
        name = "broken"

        def missing(self) -> None:  # type: ignore[override]
            return None

        def command(self, *_: object) -> list[str]:
            return [sys.executable, "-c", "raise SystemExit('no permission')"]

    with pytest.raises(HarnessError, match=r"No sandbox works.*there is none.*no permission"):
        find_sandbox((Lacking(), Broken()))
    monkeypatch.setenv("PATH", "/nowhere")
    assert WAYS[0].missing() == "there is no `bwrap`"


@pytest.mark.parametrize("engine", [PODMAN, DOCKER], ids=lambda engine: engine.name)
def test_an_engine_gets_its_image_once_and_every_wall_as_an_option(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program = tmp_path / engine.name
    # an engine that has no image before it was given one
    program.write_text(
        f'#!/bin/sh\necho "$1" "$2" >> {told}\ncat > /dev/null\n'
        f'[ "$1" = import ] || grep -q import {told}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    runtime = find_runtime()
    commands = [engine.command(runtime, BRIEF, "boot") for _ in range(2)]
    assert told.read_text().splitlines() == ["image inspect", "import -"]
    assert commands[0] == commands[1]
    [command, _] = commands
    assert command[:2] == [str(program), "run"]
    words = " ".join(command)
    for option in (
        "--rm",
        "--pull never",
        "--network none",
        "--ipc none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        f"--memory {2 * BRIEF.memory_bytes}",
        f"--pids-limit {BRIEF.processes + 2}",
        f"size={BRIEF.disk_bytes}",
    ):
        assert option in words
    bound = [path for path in command if path.endswith(":ro") and ":/" in path]
    assert bound == [f"{path}:{path}:ro" for path in runtime.view.files]


def test_an_engine_that_makes_no_image_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho no daemon is running >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PODMAN.missing() == "there is no `podman`"
    assert DOCKER.missing() is None
    assert "no daemon is running" in str(try_walls(Sandbox(DOCKER)))
    with pytest.raises(HarnessError, match=r"there is no `podman`.*no daemon is running"):
        find_sandbox((PODMAN, DOCKER))


def test_a_way_without_walls_is_not_taken() -> None:
    class Open(type(WAYS[1])):  # type: ignore[misc]
        name = "open"

        def view(self, _runtime: object) -> None:
            return None

    problem = try_walls(Sandbox(Open()))
    assert problem is not None
    assert "walls are open" in problem


def for_all(python: str) -> bool:
    """Whether anybody may read this checkout, and run a Python that is new enough for it."""
    ask = "import sys; sys.exit(sys.version_info < (3, 11))"
    return (
        all(folder.stat().st_mode & 0o001 for folder in Path(__file__).parents)
        and Path(python).exists()
        and subprocess.run([python, "-c", ask], check=False).returncode == 0
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not for_all("/usr/bin/python3"), reason="no Python and checkout for others")
def test_root_and_others_have_the_same_walls(sandbox: Sandbox) -> None:
    if isinstance(sandbox.isolation, Engine):
        pytest.skip("who may use an engine is for the machine to say")
    code = (
        "from evalharness.extractors.code.finding import WAYS, try_walls\n"
        "from evalharness.extractors.code.sandbox import Sandbox\n"
        f"way = next(w for w in WAYS if w.name == {sandbox.isolation.name!r})\n"
        "print(try_walls(Sandbox(way)))\n"
        "print(Sandbox(way).run('import os\\nwhile True: os.fork()').message)\n"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-c", code],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        user=65534,
        group=65534,
        extra_groups=[],
    )
    walls, forks = done.stdout.splitlines() or [done.stderr, ""]
    assert walls == "None"
    assert forks.startswith("BlockingIOError")


def test_a_program_that_is_right_passes(sandbox: Sandbox) -> None:
    ran = sandbox.run(GOOD + "print('words')", TESTS, "add")
    assert (ran.status, ran.message, ran.stdout) == ("passed", "", "words\n")
    assert 0 < ran.seconds < 15


def test_what_a_wrong_program_printed_is_kept(sandbox: Sandbox) -> None:
    ran = sandbox.run("def add(a, b):\n    print('adding', a)\n    return a - b", TESTS, "add")
    assert (ran.status, ran.stdout) == ("failed", "adding 1\n")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def add(a, b): return a - b", "AssertionError (tests.py, line 1: assert add(1, 2) == 3)"),
        (
            "def add(a, b): return a + c",
            "NameError: name 'c' is not defined (tests.py, line 1: ass",
        ),
        (
            "def add(a, b) return a",
            "SyntaxError: expected ':' (answer.py, line 1) (answer.py, line",
        ),
        (
            "def sum(a, b): return a + b",
            "LookupError: the answer defines no 'add' that can be call",
        ),
        ("1 / 0", "ZeroDivisionError: division by zero (answer.py, line 1: 1 / 0)"),
        ("def add(a, b): return add(a, b)", "RecursionError: maximum recursion depth exceeded"),
        ("import numpy", "ModuleNotFoundError: No module named 'numpy'"),
        ("add = '\ud800' + '\x00'", "UnicodeEncodeError"),
        ("raise type('E', (Exception,), {'__str__': lambda e: e.no})()", "E (answer.py, line 1"),
    ],
)
def test_a_program_that_is_wrong_fails_and_says_where(
    sandbox: Sandbox, source: str, message: str
) -> None:
    ran = sandbox.run(source, TESTS, "add")
    assert ran.status == "failed"
    assert ran.message.startswith(message)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("import sys; sys.exit(0)", "exited"),
        ("def add(a, b): raise SystemExit(0)", "exited"),
        ("import os\ndef add(a, b): os._exit(0)", "exited"),
        ("import os; os.closerange(0, 256); os._exit(0)", "exited"),
        ("import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGTERM)", "crashed"),
        ("import ctypes\ndef add(a, b): ctypes.string_at(0)", "crashed"),
        (
            # deep enough for the stack of Python 3.11; later ones bound it and raise
            "import sys\nsys.setrecursionlimit(10**9)\nclass L(list): pass\n"
            "def add(a, b):\n    x = []\n    for _ in range(10**6): x = [x]\n    return repr(x)",
            "crashed" if sys.version_info < (3, 12) else "failed",
        ),
        # nothing that it prints, or writes into pipes that it finds, is taken for the tests' word
        ("print('passed')\nimport os\nos.write(1, b'passed ')\nos._exit(0)", "exited"),
        (
            "import os\n"
            "for place in range(3, 64):\n"
            "    for word in (b'passed \\n', b'passed 0\\n', b'ended 706173736564 00\\n'):\n"
            "        try: os.write(place, word)\n"
            "        except OSError: pass\n"
            "os._exit(0)",
            "failed",
        ),
        # nor can it blame the harness, or have the warden say its lines again and again
        (
            "import os\n"
            "word = b'ended ' + b'broken'.hex().encode() + b' 00\\n'\n"
            "for place in range(3, 64):\n"
            "    try: os.write(place, word)\n"
            "    except OSError: pass\n"
            "os._exit(0)",
            "failed",
        ),
        (
            "import os\n"
            "for place in range(3, 64):\n"
            "    try: os.write(place, b'done\\npassed 00\\n' + b'tests\\n' * 5000)\n"
            "    except OSError: pass\n"
            "os._exit(0)",
            "exited",
        ),
        # what it puts in the place of Python's own functions is put back before the tests
        ("import builtins\nbuiltins.AssertionError = StopIteration\ndef add(a, b): pass", "failed"),
        (
            "import builtins\nbuiltins.exec = builtins.compile = print\ndef add(a, b): pass",
            "failed",
        ),
        ("import sys\nsys.settrace(lambda *_: exit())\ndef add(a, b): return 0", "failed"),
        (
            "import sys\nsys.modules['builtins'] = None\nsys.stdout = sys.stderr = None\n"
            "def add(a, b): return 0",
            "failed",
        ),
    ],
)
def test_leaving_crashing_and_pretending_are_no_ways_to_pass(
    sandbox: Sandbox, source: str, status: str
) -> None:
    assert sandbox.run(source, TESTS, "add").status == status


def test_the_tests_are_not_there_before_the_program_has_been_read(sandbox: Sandbox) -> None:
    source = """
import gc, os, sys
mark = "".join(reversed("arbez"))
frame = sys._getframe(1)
while frame:
    assert not any(mark in ascii(value) for value in frame.f_locals.values())
    frame = frame.f_back
assert not [o for o in gc.get_objects() if type(o) is dict and "tests" in o and "token" in o]
assert not any(name.startswith("evalharness") for name in sys.modules)
for name in os.listdir("/proc"):
    if name.isdigit():
        assert mark.encode() not in open(f"/proc/{name}/cmdline", "rb").read()
"""
    ran = sandbox.run(source, "zebra = 1")
    assert ran.status == "passed", ran.message


def test_reading_outside_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("rows")
    places = ["/etc/passwd", "/sys/kernel", "/var/log", "/bin/sh", "/boot"]
    places += [str(tmp_path), str(tmp_path / "journal"), str(Path(__file__)), str(Path.cwd())]
    places += [str(Path.home() / name) for name in (".ssh", ".bashrc", ".cache", ".netrc")]
    places += [str(Path(sys.prefix) / "pyvenv.cfg"), "/dev/sda", "/dev/mem", "/dev/tty"]
    if isinstance(sandbox.isolation, Engine):  # a container has a name of its own
        own = "with open('/etc/hostname') as file: assert file.read().strip() == 'sandbox'"
        assert sandbox.run(own).status == "passed"
    else:
        places += ["/etc/hostname", "/dev/pts"]
    ran = refused(sandbox, f"for place in {places!r}:\n    attempt(os.open, place, os.O_RDONLY)")
    assert ran.status == "passed", ran.message
    ran = sandbox.run("import os\nprint(*os.listdir('/tmp'))\nprint(*sorted(os.listdir('/dev')))")
    devices = {"full", "null", "random", "urandom", "zero"}
    if isinstance(sandbox.isolation, Engine):
        devices |= {"fd", "mqueue", "ptmx", "pts", "stderr", "stdin", "stdout", "tty", "core"}
    assert set(ran.stdout.split()) <= devices


def test_packages_that_are_installed_here_are_not_there(sandbox: Sandbox) -> None:
    source = "import os, sys\nfor path in sys.path:\n    for name in ('site-packages', 'test'):\n"
    source += "        found = os.path.join(path, name)\n"
    source += "        assert not os.path.isdir(found) or not os.listdir(found), found"
    ran = sandbox.run(source)
    assert ran.status == "passed", ran.message


def test_writing_outside_is_refused(sandbox: Sandbox) -> None:
    import sysconfig

    library = sysconfig.get_path("stdlib")
    places = ["/x", "/dev/x", "/usr/x", "/etc/x", "/proc/sys/kernel/hostname", f"{library}/x.py"]
    places += ["/proc/sysrq-trigger", "/proc/1/oom_score_adj", f"{library}/os.py"]
    ran = refused(
        sandbox,
        f"for place in {places!r}:\n"
        "    attempt(os.open, place, os.O_WRONLY | os.O_CREAT)\n"
        f"attempt(os.unlink, {library!r} + '/os.py')\n"
        f"attempt(os.chmod, {library!r} + '/os.py', 0o777)\n"
        "attempt(os.mknod, '/tmp/disk', 0o60666, os.makedev(8, 0))\n"
        "attempt(os.chroot, '/tmp')\n",
    )
    assert ran.status == "passed", ran.message


def test_there_is_no_network(sandbox: Sandbox) -> None:
    ran = refused(
        sandbox,
        "import asyncio, socket, urllib.request\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK,\n"
        "               socket.AF_PACKET, socket.AF_VSOCK):\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
        "        attempt(socket.socket, family, kind)\n"
        "attempt(socket.create_connection, ('127.0.0.1', 80), 1)\n"
        "attempt(urllib.request.urlopen, 'http://1.1.1.1', None, 1)\n"
        "attempt(socket.getaddrinfo, 'example.org', 80)\n"
        "names = [line.split(':')[0].strip() for line in open('/proc/net/dev').readlines()[2:]]\n"
        "assert set(names) <= {'lo'}, names\n"
        # what needs no network works
        "async def one(): return 1\n"
        "assert asyncio.run(one()) == 1\n",
    )
    assert ran.status == "passed", ran.message


def test_other_processes_cannot_be_seen_read_or_stopped(
    sandbox: Sandbox, bystander: subprocess.Popen[bytes]
) -> None:
    ran = refused(
        sandbox,
        "import signal\n"
        "seen = sorted(int(name) for name in os.listdir('/proc') if name.isdigit())\n"
        "assert seen == [1, os.getpid()], seen\n"
        f"attempt(os.kill, {bystander.pid}, signal.SIGKILL)\n"
        f"attempt(os.kill, {os.getpid()}, 0)\n"
        "for name in ('environ', 'mem', 'maps', 'fd/0', 'fd/1', 'root', 'cwd'):\n"
        "    attempt(os.open, '/proc/1/' + name, os.O_RDONLY)\n"
        "import resource\n"
        "for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU):\n"
        "    attempt(resource.prlimit, 1, kind, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "attempt(os.setpriority, os.PRIO_PROCESS, 1, 19)\n"
        "attempt(os.sched_setaffinity, 1, {0})\n"
        "attempt(os.sched_setscheduler, 1, os.SCHED_IDLE, os.sched_param(0))\n"
        "os.kill(1, signal.SIGKILL)\n"
        "os.kill(1, signal.SIGSTOP)\n"
        "os.kill(1, signal.SIGTERM)\n",
    )
    assert ran.status == "passed", ran.message
    assert bystander.poll() is None


def test_privileges_cannot_be_had_back(sandbox: Sandbox) -> None:
    ran = refused(
        sandbox,
        "import ctypes\n"
        "assert os.getuid() > 0 and os.getgroups() in ([], [65534])\n"
        "attempt(os.setuid, 0)\n"
        "attempt(os.setgroups, [0])\n"
        "fields = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "assert int(fields['CapEff'], 16) == int(fields['CapPrm'], 16) == 0\n"
        "assert fields['NoNewPrivs'].strip() == '1' and fields['Seccomp'].strip() == '2'\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(name, *arguments):\n"
        "    if getattr(libc, name)(*arguments) < 0:\n"
        "        raise OSError(ctypes.get_errno(), name)\n"
        "for flag in (0x10000000, 0x00020000, 0x40000000):\n"
        "    attempt(call, 'unshare', flag)\n"
        "attempt(call, 'mount', b'none', b'/tmp', b'tmpfs', 0, None)\n"
        "attempt(call, 'ptrace', 16, 1, 0, 0)\n"
        "attempt(call, 'memfd_create', b'x', 0)\n"
        "attempt(call, 'shmget', 0, 2**30, 0o1600)\n"
        "attempt(call, 'clone', None, None, 0x10000000 | 17, None)\n"
        "attempt(call, 'syscall', 435, None, 0)\n",
    )
    assert ran.status == "passed", ran.message


def test_nothing_of_our_environment_is_told(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    ran = sandbox.run("import os, socket\nprint(*os.environ, socket.gethostname(), os.getcwd())")
    told = {"HOME", "LANG", "PWD", "PYTHONHASHSEED", "sandbox", "/tmp"}
    assert set(ran.stdout.split()) == told, ran


def test_what_programs_need_works(sandbox: Sandbox) -> None:
    ran = sandbox.run(
        "import collections, ctypes, dataclasses, datetime, decimal, fractions, functools\n"
        "import hashlib, heapq, itertools, json, lzma, math, multiprocessing, pickle, random, re\n"
        "import sqlite3, ssl, statistics, string, subprocess, sys, tempfile, threading, zlib\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "@dataclasses.dataclass\n"
        "class P:\n    x: int\n"
        "assert pickle.loads(pickle.dumps(P(1))) == P(1)\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    assert list(pool.map(abs, [-1, -2])) == [1, 2]\n"
        "with tempfile.TemporaryFile() as file:\n    file.write(b'x' * 1000)\n"
        "out = subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True)\n"
        "assert out.stdout == b'42\\n', out\n"
        "assert sqlite3.connect(':memory:').execute('select 1').fetchone() == (1,)\n"
    )
    assert ran.status == "passed", ran.message


def test_runs_are_alike_and_leave_nothing_to_the_next(sandbox: Sandbox) -> None:
    source = (
        "import os\nprint(hash('a'), list({'x', 'y', 'zz'}), os.listdir('/tmp'))\n"
        "open('/tmp/left', 'w').write('x')"
    )
    first, second = sandbox.run(source), sandbox.run(source)
    assert first.status == second.status == "passed"
    assert first.stdout == second.stdout


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time\nwhile True: time.sleep(60)",
        "import time\ndef add(a, b): time.sleep(60)",
        "import signal, time\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True:\n    try: time.sleep(60)\n"
        "    except BaseException: pass",
        "import os, time\nos.close(1); os.close(2)\ntime.sleep(60)",
        "import os\nwhile True:\n    try:\n        if not os.fork(): os._exit(0)\n"
        "    except BaseException: pass",
        "open('/dev/zero', 'rb').read(1)\nwhile True:\n    try: 9 ** 9 ** 9\n"
        "    except BaseException: pass",
    ],
)
def test_time_is_up_for_all(sandbox: Sandbox, source: str) -> None:
    ran = sandbox.run(source, TESTS, limits=BRIEF)
    assert ran.status == "timeout"
    assert ran.seconds < 10


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("x = bytearray(10**11)", "memory"),
        ("x = []\nwhile True: x.append(bytes(2**20))", "memory"),
        ("x = 'a'\nwhile True: x += x", "memory"),
        (
            "import os, time\nfor _ in range(8): os.fork()\n",
            "failed",
        ),
        (
            "import mmap, os\nx = []\nfor _ in range(3): os.fork()\n"
            "while True:\n    x.append(mmap.mmap(-1, 2**20))\n    x[-1].write(bytes(2**20))",
            "memory",
        ),
        ("while True: print('x' * 10000)", "output"),
        ("import os\nwhile True: os.write(2, b'x' * 10000)", "output"),
        ("for i in range(10**6): open(f'/tmp/{i}', 'w').close()", "files"),
        ("with open('/tmp/x', 'wb') as f:\n    while True: f.write(bytes(2**20))", "failed"),
        ("x = [open('/dev/null') for _ in range(1000)]", "failed"),
        (
            "import threading, time\n"
            "for _ in range(1000): threading.Thread(target=time.sleep, args=(60,)).start()",
            "failed",
        ),
        (
            "import subprocess, sys\nx = [subprocess.Popen([sys.executable, '-c', 'input()'], "
            "stdin=subprocess.PIPE) for _ in range(1000)]",
            "failed",
        ),
    ],
)
def test_too_much_is_refused_or_ends_it(sandbox: Sandbox, source: str, status: str) -> None:
    before = psutil.virtual_memory().available
    ran = sandbox.run(source, TESTS, limits=Limits(memory_bytes=2**28))
    assert ran.status == status, ran.message
    assert len(ran.stdout) <= 4000
    assert psutil.virtual_memory().available > before - 2**30


def alive(marker: str) -> list[int]:
    """The processes of the machine whose command line holds `marker`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(marker in word for word in process.info["cmdline"] or ()):
            found.append(process.pid)
    return found


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within a minute: a busy machine starts processes late."""
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def runs(pid: int) -> bool:
    """Whether there is such a process; one that nobody has buried is none."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


DAEMON = """
import os, subprocess, sys, time
def leave(mark):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", mark])
"""


def test_nothing_outlives_a_program_that_ends(sandbox: Sandbox) -> None:
    mark = f"outliving-{os.getpid()}-{sandbox.isolation.name}"
    source = f"{DAEMON}\nleave({mark!r})\ntime.sleep(0.5)\n{GOOD}"
    assert sandbox.run(source, TESTS, "add").status == "passed"
    assert alive(mark) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_harness(sandbox: Sandbox, how: signal.Signals) -> None:
    mark = f"orphan-{os.getpid()}-{sandbox.isolation.name}-{how.name}"
    code = (
        "from evalharness.extractors.code.finding import WAYS\n"
        "from evalharness.extractors.code.sandbox import Sandbox\n"
        f"way = next(w for w in WAYS if w.name == {sandbox.isolation.name!r})\n"
        f"Sandbox(way).run({DAEMON + f'leave({mark!r})' + chr(10) + 'time.sleep(600)'!r})\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2]) as process:
        assert soon(lambda: len(alive(mark)) > 1)
        inside = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(how)
        process.wait()
    assert soon(lambda: not alive(mark))
    assert soon(lambda: not any(runs(pid) for pid in inside))


def test_a_large_program_and_large_tests_are_carried_whole(sandbox: Sandbox) -> None:
    filler = "# " + "x" * 1000 + "\n"
    ran = sandbox.run(filler * 3000 + GOOD, filler * 3000 + TESTS, "add")
    assert ran.status == "passed", ran.message


def test_many_programs_at_once_leave_nothing_open(sandbox: Sandbox) -> None:
    sources = [GOOD, "1 / 0", "import os; os._exit(0)", "while True: print('x' * 10**5)"] * 10
    this = psutil.Process()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sandbox.run, sources[:4]))
        before = this.num_fds(), len(this.children(recursive=True))
        ran = list(pool.map(lambda source: sandbox.run(source, TESTS).status, sources))
        assert (this.num_fds(), len(this.children(recursive=True))) == before
    assert ran == ["passed", "failed", "exited", "output"] * 10
