import { gzipSync } from 'node:zlib';
import { makeTar } from './make-sdist.ts';
import type { IndexedFile } from './package-index.ts';

/** A small package with an extension in Rust, as setuptools-rust builds it. It uses no crate: those would have to be fetched while it is built. */
export function makeRustSdist(): IndexedFile {
  const files = Object.entries(sources).map(([path, content]) => [`rusty-1.0/${path}`, content]);
  return { filename: 'rusty-1.0.tar.gz', bytes: gzipSync(makeTar(Object.fromEntries(files))) };
}

const sources = {
  'PKG-INFO': 'Metadata-Version: 2.1\nName: rusty\nVersion: 1.0\n',
  'pyproject.toml': `
[build-system]
requires = ["setuptools>=77", "setuptools-rust"]
build-backend = "setuptools.build_meta"

[project]
name = "rusty"
version = "1.0"

[tool.setuptools]
packages = ["rusty"]

[[tool.setuptools-rust.ext-modules]]
target = "rusty.native"
path = "Cargo.toml"
binding = "NoBinding"
`,
  'Cargo.toml': `
[package]
name = "rusty"
version = "1.0.0"
edition = "2021"

[lib]
name = "native"
crate-type = ["cdylib"]
`,
  // What of Python's C API it needs, it declares itself: 1013 is PYTHON_API_VERSION since Python 3.
  'src/lib.rs': `
use std::os::raw::{c_char, c_int, c_long, c_void};

type Object = *mut c_void;

#[repr(C)]
struct MethodDef {
    name: *const c_char,
    method: Option<unsafe extern "C" fn(Object, Object) -> Object>,
    flags: c_int,
    doc: *const c_char,
}

/// PyModuleDef, whose head is PyModuleDef_Base.
#[repr(C)]
struct ModuleDef {
    base: [usize; 5],
    name: *const c_char,
    doc: *const c_char,
    size: isize,
    methods: *mut MethodDef,
    rest: [usize; 4],
}

extern "C" {
    fn PyModule_Create2(def: *mut ModuleDef, version: c_int) -> Object;
    fn PyLong_FromLong(value: c_long) -> Object;
}

unsafe extern "C" fn answer(_module: Object, _nothing: Object) -> Object {
    PyLong_FromLong((1..=6).map(|each| each * 2).sum::<c_long>())
}

#[no_mangle]
pub unsafe extern "C" fn PyInit_native() -> Object {
    const NO_ARGUMENTS: c_int = 4;
    let end = MethodDef { name: std::ptr::null(), method: None, flags: 0, doc: std::ptr::null() };
    let answer = MethodDef { name: b"answer\\0".as_ptr().cast(), method: Some(answer), flags: NO_ARGUMENTS, doc: std::ptr::null() };
    let module = ModuleDef {
        base: [1, 0, 0, 0, 0],
        name: b"native\\0".as_ptr().cast(),
        doc: std::ptr::null(),
        size: -1,
        methods: Box::leak(Box::new([answer, end])).as_mut_ptr(),
        rest: [0; 4],
    };
    PyModule_Create2(Box::leak(Box::new(module)), 1013)
}
`,
  'rusty/__init__.py': 'from .native import answer\n',
};
