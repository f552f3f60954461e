/** Marks an OCI image layout, image-spec image-layout.md. */
export const layoutMarkerName = 'oci-layout';

/** The images of an OCI image layout. */
export const layoutIndexName = 'index.json';

/** The images of what `docker save` wrote. */
export const dockerManifestName = 'manifest.json';
