/*
 * The two programs that run in the room, for any Python from 3.7 on, with its standard library alone:
 *
 *   buildScript  (the base's Python)  unpacks the source, makes an environment of the wheels given, asks hooks one by one, leaves the answers
 *     └── hookScript  (the environment's Python)  calls one hook of the backend (PEP 517) in a process of its own
 *
 * Everything that is read from here on is code of strangers, and so is what it leaves: the host judges it by itself.
 */

/** Where all of it happens in the room. */
export const workDirectory = '/imagewright-build';
/** Where the room sees the source archive and the wheels. */
export const inputDirectory = '/run/imagewright/inputs';

/** What the script is told, as JSON in its one argument. */
export interface BuildOrder {
  readonly work: string;
  /** Paths in the room. */
  readonly source: string;
  readonly wheels: readonly string[];
  readonly backend: string;
  readonly backendPath: readonly string[];
  /** Ask for what the source is and needs, or build the wheel. */
  readonly goal: 'describe' | 'build';
  /** Whether to go on when the backend names requirements: they are all there. */
  readonly isComplete: boolean;
  readonly epochSeconds: number;
}

const hookScript = `
import importlib, json, os, sys
order = json.loads(sys.argv[1])
sys.path[0:1] = [os.path.abspath(path) for path in order["backendPath"]]
module, _, names = order["backend"].partition(":")
backend = importlib.import_module(module)
for name in filter(None, names.split(".")):
    backend = getattr(backend, name)
hook = getattr(backend, order["hook"], None)
answer = {"missing": True} if hook is None else {"value": hook(*order["arguments"])}
with open(order["answer"], "w") as file:
    json.dump(answer, file)
`;

export const buildScript = `
import atexit, configparser, fcntl, json, os, shutil, struct, subprocess, sys, tarfile, termios, time, zipfile

order = json.loads(sys.argv[1])
work = order["work"]
place = lambda *names: os.path.join(work, *names)
shutil.rmtree(work, ignore_errors=True)
for name in ("home", "tmp", "out", "source", "hooks"):
    os.makedirs(place(name))
with open(place("hooks", "hook.py"), "w") as file:
    file.write(${JSON.stringify(hookScript)})

def wait_until_read():
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        for _ in range(500):
            try:
                unread = struct.unpack("i", fcntl.ioctl(stream.fileno(), termios.FIONREAD, bytes(4)))[0]
            except OSError:
                break
            if unread == 0:
                break
            time.sleep(0.01)

# What the program has written when it ends, and the room has not read yet, is lost.
atexit.register(wait_until_read)

def unpack(archive):
    if archive.endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(place("source"))
    else:
        with tarfile.open(archive) as opened:
            if hasattr(tarfile, "data_filter"):
                opened.extractall(place("source"), filter="data")
            else:
                opened.extractall(place("source"))
    tops = os.listdir(place("source"))
    if len(tops) != 1:
        sys.exit("the source archive holds not one directory but " + str(len(tops)) + " things")
    return place("source", tops[0])

def write(path, content, executable):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755 if executable else 0o644)

def make_environment(wheels):
    home = os.path.dirname(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
    python = os.path.join(home, os.path.basename(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)))
    programs = place("env", "bin")
    os.makedirs(programs)
    version = "%d.%d" % sys.version_info[:2]
    for name in ("python", "python3", "python" + version):
        os.symlink(python, os.path.join(programs, name))
    write(place("env", "pyvenv.cfg"), ("home = " + home + "\\ninclude-system-site-packages = false\\nversion = " + version + "\\n").encode(), False)
    library = place("env", "lib", "python" + version, "site-packages")
    os.makedirs(library)
    for wheel in wheels:
        install(wheel, library, programs)
    return os.path.join(programs, "python")

def install(wheel, library, programs):
    schemes = {"purelib": library, "platlib": library, "scripts": programs, "data": place("env"), "headers": place("env", "include")}
    interpreter = b"#!" + os.path.join(programs, "python").encode()
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            top, _, rest = info.filename.partition("/")
            scheme, _, inner = rest.partition("/")
            is_data = top.endswith(".data") and scheme in schemes
            path = os.path.join(schemes[scheme], inner) if is_data else os.path.join(library, info.filename)
            content = archive.read(info)
            is_script = is_data and scheme == "scripts"
            if is_script and content.startswith(b"#!python"):
                content = interpreter + content[content.index(b"\\n"):]
            write(path, content, is_script or bool(info.external_attr >> 16 & 0o111))
            if top.endswith(".dist-info") and rest == "entry_points.txt":
                launch(content.decode(), programs, interpreter.decode())

def launch(text, programs, interpreter):
    points = configparser.RawConfigParser(delimiters=("=",), strict=False)
    points.optionxform = str
    points.read_string(text)
    if not points.has_section("console_scripts"):
        return
    for name, value in points.items("console_scripts"):
        module, _, names = value.split("[")[0].strip().partition(":")
        first = names.split(".")[0]
        lines = [interpreter, "import sys", "from " + module + " import " + first, "sys.exit(" + names + "())", ""]
        write(os.path.join(programs, name), "\\n".join(lines).encode(), True)

def ask(hook, *arguments):
    answer = place("answer.json")
    told = {"hook": hook, "arguments": arguments, "answer": answer, "backend": order["backend"], "backendPath": order["backendPath"]}
    sys.stdout.flush()
    code = subprocess.call([python, place("hooks", "hook.py"), json.dumps(told)], cwd=source, env=environment)
    if code != 0:
        sys.exit(1)
    with open(answer) as file:
        return json.load(file).get("value")

def finish(**answer):
    with open(place("out", "answer.json"), "w") as file:
        json.dump(answer, file)
    for name in ("env", "source", "tmp", "home", "hooks"):
        shutil.rmtree(place(name), ignore_errors=True)
    sys.exit(0)

source = unpack(order["source"])
python = make_environment(order["wheels"])
environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "VIRTUAL_ENV"))}
environment.update({
    "PATH": place("env", "bin") + os.pathsep + environment.get("PATH", os.defpath),
    "HOME": place("home"),
    "TMPDIR": place("tmp"),
    "VIRTUAL_ENV": place("env"),
    "SOURCE_DATE_EPOCH": str(order["epochSeconds"]),
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "LC_ALL": "C.UTF-8",
})

requires = ask("get_requires_for_build_wheel", {}) or []
if requires and not order["isComplete"]:
    finish(requires=requires)
if order["goal"] == "build":
    finish(wheel=ask("build_wheel", place("out"), {}))
directory = ask("prepare_metadata_for_build_wheel", place("out"), {})
if directory is not None:
    with open(place("out", directory, "METADATA"), encoding="utf-8") as file:
        finish(metadata=file.read())
wheel = ask("build_wheel", place("out"), {})
with zipfile.ZipFile(place("out", wheel)) as archive:
    name = next(name for name in archive.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA"))
    finish(metadata=archive.read(name).decode("utf-8"))
`;
