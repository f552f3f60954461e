/** Who owns a path and what may be done with it, as a tar header says it. */
export interface Attributes {
  /** Permission bits with setuid, setgid and sticky, e.g. 0o755. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Extended attributes by name (`security.capability`), values in base64; absent when there are none. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** What stands at one path of a root file system. Hard links are files. */
export type RootfsEntry =
  | (Attributes & { readonly type: 'directory' })
  | (Attributes & { readonly type: 'file'; readonly sizeBytes: number })
  | (Attributes & { readonly type: 'symlink'; readonly target: string })
  | (Attributes & { readonly type: 'other' });
