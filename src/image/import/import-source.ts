import type { Reference } from '../../oci/reference.ts';

/** Where an image comes from. */
export type ImportSource =
  | { readonly type: 'registry'; readonly reference: Reference }
  /** A tar of `docker save` or `podman save`; `name` chooses one of several images by its tag. */
  | { readonly type: 'docker-archive'; readonly path: string; readonly name?: string }
  /** An OCI image layout, a directory or a tar of one; `name` chooses by `org.opencontainers.image.ref.name`. */
  | { readonly type: 'oci'; readonly path: string; readonly name?: string }
  /** A tar of a root file system. */
  | { readonly type: 'rootfs'; readonly path: string };
