"""Answers questions about PEP 440 and PEP 508, one JSON list in, one out, as the library packaging does."""

import json
import sys

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def normal_version(question):
    try:
        return str(Version(question["text"]))
    except InvalidVersion:
        return None


def order(question):
    a, b = Version(question["a"]), Version(question["b"])
    return (a > b) - (a < b)


def satisfies(question):
    try:
        return SpecifierSet(question["clauses"]).contains(question["version"], prereleases=True)
    except InvalidSpecifier:
        return None


def requirement(question):
    try:
        parsed = Requirement(question["text"])
    except InvalidRequirement:
        return None
    return {
        "name": parsed.name,
        "extras": sorted({canonicalize_name(extra) for extra in parsed.extras}),
        "url": parsed.url,
        "holds": None if parsed.marker is None else parsed.marker.evaluate(question["environment"]),
    }


def tags(question):
    python, platforms = tuple(question["python"]), question["platforms"]
    found = list(cpython_tags(python_version=python, platforms=platforms))
    found += compatible_tags(python_version=python, interpreter="cp%d%d" % python, platforms=platforms)
    return [str(tag) for tag in found]


json.dump([globals()[question["kind"]](question) for question in json.load(sys.stdin)], sys.stdout)
