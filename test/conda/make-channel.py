"""Makes a conda channel of real packages, and of small ones for what is rarely met.

    make-channel.py TARGET CPYTHON.tar UV

CPYTHON.tar holds a CPython built for /opt/conda; UV is the program that fetches wheels.
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

from conda_package_handling import api

target, cpython, uv = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
work = pathlib.Path(tempfile.mkdtemp(dir=target.parent))

# As conda-build names the environment that it builds in: 255 bytes, so that any prefix fits.
placeholder = "/home/conda/feedstock_root/build_artifacts/made_1700000000000/_h_env_" + "placehold_" * 20
placeholder = placeholder[:255]
built_for = "/opt/conda"
made_seconds = 1_700_000_000
repodata = {}
# What a channel corrects after a package was made: only its repodata says so.
patches = {"click": {"constrains": ["rich >=10"]}}


def wheel(requirement, python="3.13"):
    """Unpacks a wheel for a Python, the channel's own unless told, and gives its directory, without scripts."""
    place = pathlib.Path(tempfile.mkdtemp(dir=work))
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", python, "--python-platform", "x86_64-manylinux_2_28"]
    subprocess.run([uv, "pip", "install", *options, "--target", place, requirement], check=True)
    shutil.rmtree(place / "bin", ignore_errors=True)
    (place / ".lock").unlink(missing_ok=True)
    for info in place.glob("*.dist-info"):
        for name in ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"):
            (info / name).unlink(missing_ok=True)
        (info / "INSTALLER").write_text("conda\n")
        write_record(place, info)
    return place


def write_record(place, info):
    """Lists the files as the RECORD of a conda package does, scripts of entry points by their way from Python's directory."""
    files = sorted(str(file.relative_to(place)) for file in place.rglob("*") if file.is_file())
    scripts = [f"../../../bin/{line.split('=')[0].strip()}" for line in entry_points(place)]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in scripts + files))


def entry_points(place):
    for file in place.glob("*.dist-info/entry_points.txt"):
        section = ""
        for line in map(str.strip, file.read_text().splitlines()):
            section = line if line.startswith("[") else section
            if section == "[console_scripts]" and "=" in line:
                yield line


def package(name, version, tree, *, build="h0_0", subdir="linux-64", depends=(), suffix=".conda", older=False, no_link=(), directories=(), prefixes=None, points=(), **index):
    """Packs a directory as conda-build would: with info/index.json and, unless it is an older one, info/paths.json."""
    info = tree / "info"
    info.mkdir()
    noarch = index.get("noarch")
    number = int(re.search(r"(?:^|_)(\d+)(?:_cp\d+)?$", build)[1])
    about = {"name": name, "version": version, "build": build, "build_number": number, "depends": list(depends), "subdir": subdir,
             "timestamp": made_seconds * 1000, "license": "BSD-3-Clause", **index}
    if noarch is None:
        about |= {"arch": "x86_64", "platform": "linux"}
    (info / "index.json").write_text(json.dumps(about))
    (info / "about.json").write_text(json.dumps({"summary": f"{name}, packaged for tests"}))
    files = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if (path.is_file() or path.is_symlink()) and info not in path.parents)
    modes = {path: mode for path, mode in ((path, prefix_of(tree / path, prefixes)) for path in files) if mode}
    if older:
        (info / "files").write_text("".join(f"{path}\n" for path in files))
        (info / "has_prefix").write_text("".join(f"{text} {mode} {path}\n" for path, (text, mode) in modes.items()))
        (info / "no_link").write_text("".join(f"{path}\n" for path in no_link))
    else:
        paths = [path_entry(tree, path, modes.get(path), path in no_link) for path in files]
        paths += [{"_path": path, "path_type": "directory"} for path in directories]
        (info / "paths.json").write_text(json.dumps({"paths": paths, "paths_version": 1}))
    if noarch == "python":
        (info / "link.json").write_text(json.dumps({"noarch": {"type": "python", "entry_points": list(points)}, "package_metadata_version": 1}))
    for path in tree.rglob("*"):
        os.utime(path, (made_seconds, made_seconds), follow_symlinks=False)
    (target / subdir).mkdir(parents=True, exist_ok=True)
    filename = f"{name}-{version}-{build}{suffix}"
    everything = [str(path.relative_to(tree)) for path in sorted(tree.rglob("*")) if path.is_file() or path.is_symlink()] + list(directories)
    options = {"compression_level": 6, "compression_threads": 1} if suffix == ".conda" else {}
    api.create(str(tree), everything, filename, str(target / subdir), **options)
    content = (target / subdir / filename).read_bytes()
    record = {**about, "md5": hashlib.md5(content).hexdigest(), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **patches.get(name, {})}
    repodata.setdefault(subdir, {})[filename] = record
    shutil.rmtree(tree)


def prefix_of(path, prefixes):
    """Which placeholder a file holds, and whether it is a text."""
    if path.is_symlink():
        return None
    content = path.read_bytes()
    for text in prefixes or (placeholder,):
        if text.encode() in content:
            return text, "binary" if b"\0" in content else "text"
    return None


def path_entry(tree, path, prefix, no_link):
    file = tree / path
    entry = {"_path": path, "path_type": "softlink" if file.is_symlink() else "hardlink"}
    content = b"" if file.is_symlink() and not file.exists() else file.read_bytes() if not file.is_dir() else b""
    entry |= {"sha256": hashlib.sha256(content).hexdigest(), "size_in_bytes": len(content)}
    if no_link:
        entry["no_link"] = True
    if prefix:
        entry |= {"prefix_placeholder": prefix[0], "file_mode": prefix[1]}
    return entry


def tree_of(files):
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    for path, content in files.items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if path.startswith("bin/") or path.endswith(".sh"):
            file.chmod(0o755)
    return tree


def python_package():
    """CPython as conda-forge has it: its pip apart, texts with the long placeholder, programs with that of which they were built."""
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    with tarfile.open(cpython) as archive:
        # What Pythons before 3.12 do anyway, some of which know no other way.
        archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
        for member in archive.getmembers():
            member.name = member.name.removeprefix("./opt/conda").lstrip("/")
            if member.name and not member.name.startswith(("bin/pip", "./opt")) and "/site-packages/pip" not in member.name:
                archive.extract(member, tree)
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if built_for.encode() in content and b"\0" not in content:
                path.write_bytes(content.replace(built_for.encode(), placeholder.encode()))
    patchlevel = (tree / "include/python3.13/patchlevel.h").read_text()
    version = re.search(r'define PY_VERSION\s+"([^"]+)"', patchlevel)[1]
    site = "lib/python3.13/site-packages"
    package("python", version, tree, build="h1234567_0_cp313", depends=["tzdata"], prefixes=(placeholder, built_for),
            python_site_packages_path=site, license="PSF-2.0")
    package("python_abi", "3.13", tree_of({}), build="8_cp313", depends=["python 3.13.*"])
    return site


def real_packages(site):
    numpy = wheel("numpy==2.5.5")
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    (tree / site).parent.mkdir(parents=True)
    numpy.rename(tree / site)
    package("numpy", "2.5.5", tree, build="py313h1234567_0", depends=["python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313"])
    for name, version, depends in (
        ("pip", "26.2", ("python >=3.9,<3.14.0a0",)),
        ("click", "8.5.1", ("python >=3.10",)),
        ("pygments", "2.21.0", ("python >=3.9",)),
        ("mdurl", "0.1.2", ("python >=3.9",)),
        ("markdown-it-py", "4.0.0", ("mdurl >=0.1,<1", "python >=3.10")),
        ("rich", "15.0.0", ("markdown-it-py >=2.2.0", "pygments >=2.13.0,<3.0.0", "python >=3.9")),
    ):
        place = wheel(f"{name}=={version}")
        points = list(entry_points(place))
        tree = pathlib.Path(tempfile.mkdtemp(dir=work))
        place.rename(tree / "site-packages")
        package(name, version, tree, build="pyhd8ed1ab_0", subdir="noarch", depends=depends, noarch="python", points=points)
    debian("tzdata", "usr/share/zoneinfo", "share/zoneinfo")


def old_numpy():
    """The numpy of the manual's example, with the files that it was released with. Of a Python that old there is none here, so it asks for none."""
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    (tree / "lib/python3.7").mkdir(parents=True)
    wheel("numpy==1.17.5", python="3.7").rename(tree / "lib/python3.7/site-packages")
    package("numpy", "1.17.5", tree, build="py37h1234567_0")


def debian(name, source, destination):
    """A Debian package of the machine that this runs on, as noarch."""
    place = pathlib.Path(tempfile.mkdtemp(dir=work))
    subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", name], check=True, cwd=place)
    deb = next(place.glob("*.deb"))
    version = subprocess.run(["dpkg-deb", "-f", deb, "Version"], check=True, capture_output=True, text=True).stdout.split("-")[0]
    subprocess.run(["dpkg-deb", "-x", deb, place / "root"], check=True)
    tree = pathlib.Path(tempfile.mkdtemp(dir=work))
    (tree / destination).parent.mkdir(parents=True)
    (place / "root" / source).rename(tree / destination)
    for path in tree.rglob("*"):
        if path.is_symlink() and os.readlink(path).startswith("/"):
            path.unlink()
    package(name, version, tree, subdir="noarch", noarch="generic")


def rare_packages():
    prefixed = f"\x7fELF\0{placeholder}/lib:{placeholder}/lib64\0next\0".encode() + b"\xff" * 3_000_000 + f"\0{placeholder}/share".encode()
    package("binary-prefix", "1.0", tree_of({"lib/libprefixed.so.1": prefixed, "lib/small.so": f"\0{placeholder}/etc\0\1".encode(),
                                             "etc/prefixed.conf": f"root = {placeholder}/share\nagain = {placeholder}\n"}))
    deep = "libexec/" + "deep-" * 22 + "d"
    package("long-shebang", "1.0", tree_of({
        "bin/long-python": f"#!{placeholder}/{deep}/python3.13 -B\nprint('long', __file__)\n",
        "bin/long-shell": f"#!{placeholder}/{deep}/sh\necho long\n",
        f"{deep}/README": "Where the interpreter would be.\n",
    }), depends=["python"])
    package("link-script", "1.0", tree_of({
        "bin/.link-script-post-link.sh": '#!/bin/bash\nset -eu\ncd "$PREFIX"\nmkdir -p etc\nprintf "%s %s %s %s\\n" "$PREFIX" "$PKG_NAME" "$PKG_VERSION" "$PKG_BUILDNUM" > etc/linked\n'
                                         'command -v link-script-tool >> etc/linked\nrm share/template\necho "configured" >> "$PREFIX/.messages.txt"\n',
        "bin/link-script-tool": "#!/bin/sh\n", "share/template": "to be taken away\n",
    }), build="h0_3")
    package("link-script-after", "1.0", tree_of({
        "bin/.link-script-after-post-link.sh": 'grep -q link-script "$PREFIX/etc/linked" && echo after >> "$PREFIX/etc/linked"\n',
    }), depends=["link-script"])
    package("link-script-fails", "1.0", tree_of({"bin/.link-script-fails-post-link.sh": 'echo "no such thing as luck" >&2\nexit 3\n'}))
    package("pre-link", "1.0", tree_of({"bin/.pre-link-pre-link.sh": "exit 0\n"}))
    package("clobber-first", "1.0", tree_of({"share/clobbered.txt": "first\n", "share/first.txt": "first\n"}))
    package("clobber-second", "1.0", tree_of({"share/clobbered.txt": "second\n", "share/second.txt": "second\n"}), depends=["clobber-first"])
    package("clobber-third", "1.0", tree_of({"share/clobbered.txt": "third\n"}))
    package("needs-cuda", "12.4", tree_of({"lib/libgpu.so": "gpu\n"}), depends=["__cuda >=12.0"])
    package("activates", "1.0", tree_of({"etc/conda/activate.d/activates.sh": "export ACTIVATED=yes\n"}))
    package("menu", "1.0", tree_of({"Menu/menu.json": "{}\n", "bin/menu": "#!/bin/sh\n"}))
    links = tree_of({"lib/liblinked.so.1.0": "library\n", "share/mutable.conf": "mine alone\n", "libexec/one": b"one file, two names\n" * 1000})
    (links / "lib/liblinked.so.1").symlink_to("liblinked.so.1.0")
    (links / "lib/liblinked.so").symlink_to("liblinked.so.1")
    (links / "share/link-to-directory").symlink_to("../lib")
    os.link(links / "libexec/one", links / "libexec/two")
    (links / "libexec/one").chmod(0o555)
    package("links", "1.0", links, no_link=["share/mutable.conf"])
    empty = tree_of({"share/beside.txt": "a file\n"})
    (empty / "var/empty").mkdir(parents=True)
    package("empty-directory", "1.0", empty, directories=["var/empty"])
    older = tree_of({"bin/older": f"#!{placeholder}/bin/python\nprint('older')\n", "lib/older.bin": f"\0{placeholder}/lib\0".encode(), "share/older.txt": "older\n" * 400_000})
    (older / "share/older.lnk").symlink_to("older.txt")
    package("older-format", "1.0", older, build="0", suffix=".tar.bz2", older=True, no_link=["share/older.txt"])


def write_repodata():
    for subdir in ("linux-64", "noarch"):
        records = repodata.get(subdir, {})
        data = {"info": {"subdir": subdir}, "repodata_version": 1,
                "packages": {name: record for name, record in records.items() if name.endswith(".tar.bz2")},
                "packages.conda": {name: record for name, record in records.items() if name.endswith(".conda")}}
        text = json.dumps(data, sort_keys=True).encode()
        (target / subdir).mkdir(exist_ok=True)
        (target / subdir / "repodata.json").write_bytes(text)
        from backports import zstd
        (target / subdir / "repodata.json.zst").write_bytes(zstd.compress(text))


target.mkdir()
real_packages(python_package())
old_numpy()
rare_packages()
write_repodata()
shutil.rmtree(work)
