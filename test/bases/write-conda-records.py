"""Makes a CPython under /opt/conda look as conda leaves it: conda-meta/history and one record a package, pip as conda's own."""
import json
import pathlib
import platform
import sys

prefix = pathlib.Path(sys.prefix)
site = pathlib.Path(next(path for path in sys.path if path.endswith("site-packages")))
records = prefix / "conda-meta"
records.mkdir()

files = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file() or path.is_symlink())
pip_root = str(site.relative_to(prefix)) + "/pip"
belongs_to_pip = lambda path: path.startswith(pip_root) or path.startswith("bin/pip")


def write_record(name, version, build, owned):
    record = {
        "name": name, "version": version, "build": build, "build_number": 0, "channel": "conda-forge", "subdir": "linux-64",
        "depends": [], "constrains": [], "fn": f"{name}-{version}-{build}.conda", "files": owned,
        "requested_spec": name, "link": {"type": 1, "source": ""},
        "paths_data": {"paths_version": 1, "paths": [{"_path": path, "path_type": "hardlink"} for path in owned]},
    }
    (records / f"{name}-{version}-{build}.json").write_text(json.dumps(record, indent=2))


info = next(site.glob("pip-*.dist-info"))
(info / "INSTALLER").write_text("conda\n")
write_record("python", platform.python_version(), "h0_0_cp313", [path for path in files if not belongs_to_pip(path)])
write_record("pip", info.name.removeprefix("pip-").removesuffix(".dist-info"), "pyh0_0", [path for path in files if belongs_to_pip(path)])
(records / "history").write_text("==> 2026-01-01 00:00:00 <==\n# cmd: conda create\n# update specs: ['python', 'pip']\n")
