"""Start and stop a real Galaxy on this machine's loopback: SQLite, local jobs, a Celery worker, no network.

    server.py start FOLDER GALAXY_VENV TOOLS_VENV VERSION TEST_DATA TOOL.xml...    prints its address and keys
    server.py stop FOLDER

With PROGNOMICS_RUNNER=pulsar jobs run in an embedded Pulsar, which shares no file with Galaxy.

Everything that Galaxy writes lands in FOLDER. Only the standard library is used.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from xml.sax.saxutils import quoteattr

START_SECONDS = 300
STOP_SECONDS = 30

JOBS = """\
runners:
  local: {load: "galaxy.jobs.runners.local:LocalJobRunner", workers: 2}
execution:
  default: local
  environments:
    local: {runner: local, docker_enabled: false, singularity_enabled: false, require_container: false}
"""

# Jobs in a working tree of their own, where Pulsar copies inputs to and outputs from; uploads stay with Galaxy.
REMOTE_JOBS = """\
runners:
  local: {{load: "galaxy.jobs.runners.local:LocalJobRunner", workers: 2}}
  pulsar:
    load: "galaxy.jobs.runners.pulsar:PulsarEmbeddedJobRunner"
    pulsar_app_config:
      staging_directory: {folder}/remote/staging
      persistence_directory: {folder}/remote/persisted
      managers: {{_default_: {{type: queued_python, num_concurrent_jobs: 2}}}}
execution:
  default: pulsar
  environments:
    local: {{runner: local, docker_enabled: false, singularity_enabled: false, require_container: false}}
    pulsar: {{runner: pulsar, default_file_action: copy, dependency_resolution: local, rewrite_parameters: true}}
tools:
- {{id: __DATA_FETCH__, environment: local}}
- {{id: upload1, environment: local}}
"""

# Short sleeps: a test is over in seconds. Each broker message is a file (see launch.py): a worker on a polled
# SQLite broker stalls uploads. A busy machine holds the database for longer than SQLite's five seconds, and a job
# that cannot write its state fails without a message: hence the long timeout. `directory_celery` lets the worker set
# metadata, so that a job need not import Galaxy.
CONFIGURATION = """\
galaxy:
  data_dir: {folder}/data
  config_dir: {folder}/config
  managed_config_dir: {folder}/config
  database_connection: "sqlite:///{folder}/data/universe.sqlite?isolation_level=IMMEDIATE&timeout=120"
  database_auto_migrate: true
  tool_config_file: {folder}/tool_conf.xml
  job_config_file: {folder}/job_conf.yml
  tool_data_table_config_path: {folder}/tool_data_table_conf.xml
  dependency_resolvers_config_file: {folder}/dependency_resolvers_conf.xml
  tool_dependency_dir: {folder}/dependencies
  tour_config_dir: {folder}/empty
  tool_test_data_directories: {test_data}
  admin_users: admin@example.org
  bootstrap_admin_api_key: {admin_key}
  id_secret: {secret}
  brand: Prognomics
  conda_auto_init: false
  conda_auto_install: false
  use_cached_dependency_manager: false
  enable_mulled_containers: false
  allow_path_paste: true
  cleanup_job: onsuccess
  job_handler_monitor_sleep: 0.2
  job_runner_monitor_sleep: 0.2
  workflow_monitor_sleep: 0.2
  enable_celery_tasks: true
  metadata_strategy: directory_celery
  amqp_internal_connection: "sqlalchemy+sqlite:///{folder}/data/broker.sqlite?isolation_level=IMMEDIATE&timeout=120"
  celery_conf:
    result_backend: "db+sqlite:///{folder}/data/results.sqlite?isolation_level=IMMEDIATE&timeout=120"
    broker_url: "filesystem://"
    broker_transport_options:
      polling_interval: 0.1
      data_folder_in: {folder}/queue
      data_folder_out: {folder}/queue
      control_folder: {folder}/control
    task_routes: {{"galaxy.fetch_data": "galaxy.external", "galaxy.set_job_metadata": "galaxy.external"}}
"""

# Galaxy activates its own environment around a job; the resolver's file puts the suite's in front of it.
# Requirements that nothing resolves would silently run in Galaxy's environment.
DEPENDENCY = 'PATH="{venv}/bin:$PATH"; export PATH\nunset VIRTUAL_ENV PYTHONHOME PYTHONPATH\n'


def write_configuration(folder: Path, tools_venv: Path, version: str, test_data: Path, tools: list[Path],
                        admin_key: str) -> None:  # fmt: skip
    for name in ("data", "config", "empty", "queue", "control", f"dependencies/prognomics/{version}"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    listed = "".join(f"<tool file={quoteattr(str(t))}/>" for t in tools)
    texts = {
        "galaxy.yml": CONFIGURATION.format(
            folder=folder, test_data=test_data, admin_key=admin_key, secret=secrets.token_hex(16)
        ),
        "job_conf.yml": REMOTE_JOBS.format(folder=folder) if os.environ.get("PROGNOMICS_RUNNER") == "pulsar" else JOBS,
        "tool_data_table_conf.xml": "<tables/>\n",
        "dependency_resolvers_conf.xml": "<dependency_resolvers><galaxy_packages "
        f"base_path={quoteattr(str(folder / 'dependencies'))}/></dependency_resolvers>\n",
        "tool_conf.xml": '<toolbox><section id="getext" name="Get Data"><tool file="data_source/upload.xml"/>'
        '<tool file="${model_tools_path}/build_list_1.2.0.xml"/>'
        f'</section><section id="prognomics" name="Prognomics">{listed}</section></toolbox>\n',
        f"dependencies/prognomics/{version}/env.sh": DEPENDENCY.format(venv=tools_venv),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def request(url: str, key: str = "", method: str = "GET", data: object = None) -> object:
    """The JSON that an address answers."""
    headers = {"Content-Type": "application/json", **({"x-api-key": key} if key else {})}
    body = json.dumps(data).encode() if data is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def make_user(url: str, admin_key: str) -> dict[str, str]:
    """A new ordinary user: address, password and API key."""
    user = {"username": "tester", "email": "tester@example.org", "password": secrets.token_hex(8)}
    made = request(f"{url}/api/users", admin_key, "POST", user)
    key = request(f"{url}/api/users/{made['id']}/api_key", admin_key, "POST")
    return {"user": user["email"], "password": user["password"], "user_key": key}


def _launch(folder: Path, name: str, command: list[str], environment: dict[str, str]) -> subprocess.Popen:
    """Run in a session of its own, so that stopping it ends its children and nothing else."""
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    (folder / f"{name}.pid").write_text(str(process.pid))
    return process


def _wait(process: subprocess.Popen, folder: Path, name: str, ready) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.3)
    log = (folder / f"{name}.log").read_text(errors="replace").splitlines()[-40:]
    raise SystemExit("\n".join([*log, f"Galaxy ({name}) did not start"]))


def _answers(url: str) -> bool:
    try:
        return bool(request(f"{url}/api/version"))
    except (urllib.error.URLError, OSError, ValueError):
        return False


def start(folder: Path, galaxy_venv: Path, tools_venv: Path, version: str, test_data: Path,
          tools: list[Path]) -> dict[str, str]:  # fmt: skip
    admin_key, port = secrets.token_hex(16), free_port()
    write_configuration(folder, tools_venv, version, test_data, tools, admin_key)
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CELERY_BROKER")}  # fmt: skip
    environment |= {"GALAXY_CONFIG_FILE": str(folder / "galaxy.yml"), "GALAXY_VIRTUAL_ENV": str(galaxy_venv),
                    "PATH": f"{galaxy_venv}/bin:{os.environ['PATH']}"}  # fmt: skip
    launch = [f"{galaxy_venv}/bin/python", str(Path(__file__).absolute().with_name("launch.py"))]
    url = f"http://127.0.0.1:{port}"
    web = _launch(folder, "web", [*launch, "galaxy-web", "-c", str(folder / "galaxy.yml"),
                                  "-b", f"127.0.0.1:{port}"], environment)  # fmt: skip
    _wait(web, folder, "web", lambda: _answers(url))
    celery = _launch(folder, "celery", [*launch, "celery", "--app", "galaxy.celery", "worker", "--pool",
                                        "threads", "--concurrency", "2", "--loglevel", "INFO", "--queues",
                                        "celery,galaxy.internal,galaxy.external"], environment)  # fmt: skip
    _wait(celery, folder, "celery", lambda: " ready." in (folder / "celery.log").read_text(errors="replace"))
    server = {"url": url, "admin_key": admin_key, **make_user(url, admin_key),
              "version": request(f"{url}/api/version")["version_major"]}  # fmt: skip
    (folder / "server.json").write_text(json.dumps(server))
    return server


def _members(session: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def stop(folder: Path) -> list[int]:
    """End what `start` started; returns processes that could not be ended."""
    left = []
    for path in [folder / "celery.pid", folder / "web.pid"]:
        if not path.is_file():
            continue
        session = int(path.read_text())
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + STOP_SECONDS
            for member in _members(session):
                try:
                    os.kill(member, number)
                except ProcessLookupError:
                    pass
            while _members(session) and time.monotonic() < end:
                time.sleep(0.2)
        left += _members(session)
        path.unlink()
    return left


def main(words: list[str]) -> None:
    if words[:1] == ["start"] and len(words) > 6:
        folder, galaxy_venv, tools_venv = (Path(w).absolute() for w in words[1:4])
        test_data, *tools = (Path(w).absolute() for w in words[5:])
        print(json.dumps(start(folder, galaxy_venv, tools_venv, words[4], test_data, tools)))
    elif words[:1] == ["stop"] and len(words) == 2:
        left = stop(Path(words[1]).absolute())
        if left:
            sys.exit(f"these processes of Galaxy did not end: {left}")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
