"""Solves with rattler, and installs what came out: what our locks and trees are compared with.

    conda-oracle.py < {"channels": […], "specs": […], "virtual": [["__glibc", "2.36"]], "installTo": …, "prefix": …, "cacheDir": …}

Writes the records as JSON, in install order. `prefix` is what the files are to name where that is not the directory itself.
"""
import asyncio
import json
import os
import sys

import rattler


async def main(asked):
    virtual = [rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(version), rattler.BuildString("0")) for name, version in asked.get("virtual", [])]
    config = rattler.ChannelConfig()
    gateway = rattler.Gateway(cache_dir=f"{asked['cacheDir']}/repodata")
    records = await rattler.solve(
        sources=[rattler.Channel(url, config) for url in asked["channels"]],
        specs=asked["specs"],
        platforms=["linux-64", "noarch"],
        gateway=gateway,
        virtual_packages=virtual,
    )
    if "installTo" in asked:
        await rattler.install(
            records=records,
            target_prefix=asked["installTo"],
            cache_dir=f"{asked['cacheDir']}/pkgs",
            platform=rattler.Subdir("linux-64"),
            execute_link_scripts=asked.get("linkScripts", False),
            show_progress=False,
            requested_specs=[rattler.MatchSpec(spec)._match_spec for spec in asked["specs"]],
            **({"alternative_target_prefix": asked["prefix"]} if "prefix" in asked else {}),
        )
    order = [record.name.normalized for record in rattler.PackageRecord.sort_topologically(records)]
    records.sort(key=lambda record: order.index(record.name.normalized))
    print(json.dumps([described(record) for record in records]))


def described(record):
    told = json.loads(record.to_json())
    return {**told, "channel": record.channel, "url": record.url, "fn": record.file_name}


def read_records(prefix):
    """What rattler's own reader sees in `conda-meta`."""
    import pathlib
    found = {}
    for file in sorted(pathlib.Path(prefix, "conda-meta").glob("*.json")):
        record = rattler.PrefixRecord.from_path(file)
        found[record.name.normalized] = {
            "version": str(record.version),
            "build": str(record.build),
            "depends": record.depends,
            "constrains": record.constrains,
            "url": record.url,
            "files": sorted(str(path) for path in record.files),
            "paths": sorted(
                [str(path.relative_path), path_type(path), path.no_link, hexed(path.sha256), hexed(path.sha256_in_prefix), path.size_in_bytes]
                for path in record.paths_data.paths
            ),
            "requested": record.requested_specs if hasattr(record, "requested_specs") else [],
        }
    print(json.dumps(found))


def path_type(entry):
    kinds = ("hardlink", "softlink", "directory", "pyc_file", "unix_python_entry_point")
    return next((kind for kind in kinds if getattr(entry.path_type, kind)), "other")


def hexed(digest):
    return digest.hex() if digest else None


if len(sys.argv) > 1:
    read_records(sys.argv[1])
else:
    asyncio.run(main(json.load(sys.stdin)))
# rattler's threads now and then crash the interpreter while that ends.
sys.stdout.flush()
os._exit(0)
