/** Where the room sees what is to be compiled. */
export const inputDirectory = '/run/imagewright/inputs';
/** Where the script leaves what it has compiled, an archive a wheel. */
export const outputDirectory = '/imagewright-bytecode';
/** Its name among the inputs. */
export const orderName = 'order.json';

/** What the script is told, as a JSON file. */
export interface CompileOrder {
  /** Of the Python that is to compile: `cpython-311`. */
  readonly cacheTag: string;
  readonly wheels: readonly {
    readonly title: string;
    /** In the room: the wheel, and the archive to make. */
    readonly file: string;
    readonly archive: string;
    /** Members of the wheel, and where they will stand in the image. */
    readonly modules: readonly (readonly [member: string, path: string])[];
  }[];
}

/*
 * Compiles modules as compileall does, for any Python from 3.7 on, each wheel in a process of its own that begins from the same state: what
 * marshal writes depends on which objects are in use elsewhere. A module that is not Python of that version has no bytecode, as with pip.
 * The times in an archive are the same for all, its members are named as the modules that they are of.
 */
export const compileScript = `
import sys
sys.path[:] = [place for place in sys.path if place]
import importlib.util, json, os, traceback, warnings, zipfile
from importlib._bootstrap_external import SourceFileLoader, _code_to_hash_pyc

with open(sys.argv[1]) as file:
    order = json.load(file)
if sys.implementation.cache_tag != order["cacheTag"]:
    sys.exit("this Python compiles for " + str(sys.implementation.cache_tag) + ", not for " + order["cacheTag"])
warnings.simplefilter("ignore")
os.makedirs(os.path.dirname(order["wheels"][0]["archive"]), exist_ok=True)

def compile_wheel(wheel):
    with zipfile.ZipFile(wheel["file"]) as modules, zipfile.ZipFile(wheel["archive"], "w") as compiled:
        for member, path in wheel["modules"]:
            source = modules.read(member)
            try:
                code = SourceFileLoader("<compiled>", path).source_to_code(source, path)
            except Exception:
                continue
            bytecode = _code_to_hash_pyc(code, importlib.util.source_hash(source), False)
            compiled.writestr(zipfile.ZipInfo(member), bytes(bytecode))

def begin(wheel):
    pid = os.fork()
    if pid:
        return pid
    try:
        compile_wheel(wheel)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

waiting = list(order["wheels"])
running = {}
while waiting or running:
    while waiting and len(running) < len(os.sched_getaffinity(0)):
        wheel = waiting.pop(0)
        running[begin(wheel)] = wheel["title"]
    pid, status = os.wait()
    if pid in running and status != 0:
        sys.exit("the modules of " + running[pid] + " cannot be compiled")
    running.pop(pid, None)
`;
