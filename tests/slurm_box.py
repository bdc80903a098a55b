"""A real Slurm on this machine alone: munge, controller and one node as this user, in a folder, stopped at the end."""

import contextlib
import ctypes
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo", "srun")
CONFIGURATION = """
ClusterName=box
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=2,batch_sched_delay=0
ReturnToService=2
SlurmdParameters=config_overrides
MinJobAge=600
KillWait=2
SlurmdTimeout=20
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def lacking() -> str:
    """Why there can be no Slurm here; "" if there can."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = [name for name in PROGRAMS if not shutil.which(name, path=places)]
    return f"{', '.join(missing)} of Debian's slurm-wlm and munge are not installed" if missing else ""


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


def _end_with_the_tests() -> None:
    """A daemon gets TERM when the process that started it ends, however that is."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Box:
    """The running daemons; `environment` is what Slurm's commands need."""

    def __init__(self, folder: Path, cores: int = 8, memory: int = 16000):
        self.folder, self.daemons = folder, []
        for name in ("state", "spool", "bin"):
            (folder / name).mkdir(parents=True)
        # a plugin of Snakemake drops variables of Slurm, without which srun looks for the machine's own configuration
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder}/bin:{os.environ['PATH']}"}
        srun = folder / "bin" / "srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)
        folder.chmod(0o755)
        (folder / "munge.key").write_bytes(os.urandom(1024))
        (folder / "munge.key").chmod(0o400)
        text = CONFIGURATION.format(host=socket.gethostname().split(".")[0], user=getpass.getuser(), folder=folder,
                                    controller=free_port(), node=free_port(), cores=cores, memory=memory)  # fmt: skip
        (folder / "slurm.conf").write_text(text)

    def start(self, *words: str) -> None:
        place = shutil.which(words[0], path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
        log = open(self.folder / f"{words[0]}.out", "ab")
        environment = {**os.environ, **self.environment}
        daemon = subprocess.Popen([place, *words[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env=environment, start_new_session=True, preexec_fn=_end_with_the_tests)  # fmt: skip
        self.daemons.append(daemon)
        log.close()

    def ask(self, *words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **self.environment}, timeout=30)
        return done.stdout

    def up(self) -> None:
        folder = self.folder
        self.start("munged", "--foreground", f"--socket={folder}/munge.socket", f"--key-file={folder}/munge.key",
                   f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log",
                   f"--seed-file={folder}/munged.seed", "--num-threads=1", "--force")  # fmt: skip
        wait_until(lambda: (folder / "munge.socket").exists(), self)
        self.start("slurmctld", "-D", "-i")
        self.start_node()
        wait_until(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"), self)

    @property
    def node(self) -> str:
        """The name of the one node."""
        return socket.gethostname().split(".")[0]

    def start_node(self) -> None:
        self.start("slurmd", "-D", "-N", self.node)

    def kill_node(self) -> None:
        """The node ends as if its power had been cut: its daemon, and all that ran in jobs."""
        node = self.daemons.pop()
        node.kill()
        node.wait()
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment, words = (place / "environ").read_bytes().split(b"\0"), (place / "cmdline").read_bytes()
                of_job = any(v.startswith(b"SLURM_JOB_ID=") for v in environment) or b"slurmstepd" in words
                if mark in environment and of_job:
                    os.kill(int(place.name), signal.SIGKILL)

    def down(self) -> None:
        with contextlib.suppress(Exception):
            self.ask("scancel", f"--user={getpass.getuser()}")
            time.sleep(1)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def logs(self) -> str:
        files = [p for p in self.folder.iterdir() if p.suffix in (".log", ".out")]
        return "\n".join(f"== {p.name}\n{p.read_text(errors='replace')[-1500:]}" for p in files)


def wait_until(condition, box: Box, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert all(d.poll() is None for d in box.daemons), box.logs()
        assert time.monotonic() < deadline, box.logs()
        time.sleep(0.2)
