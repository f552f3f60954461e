-- The embedded registry: which blobs may be read from which repository, what manifests need, and the names of manifests.
-- Digests and names are compared by their bytes.
create table registry_blobs (
  repository text collate "C" not null,
  digest text collate "C" not null,
  size bigint not null,
  -- Until then the collector leaves it alone, though no manifest needs it.
  leased_until timestamptz not null,
  primary key (repository, digest)
);
create index registry_blobs_digest on registry_blobs (digest);

create table registry_manifests (
  repository text collate "C" not null,
  digest text collate "C" not null,
  descriptor jsonb not null,
  subject text collate "C",
  pushed_at timestamptz not null default now(),
  pulled_at timestamptz,
  primary key (repository, digest)
);
create index registry_manifests_digest on registry_manifests (digest);
create index registry_manifests_subject on registry_manifests (repository, subject) where subject is not null;

-- What a manifest needs cannot be taken away from under it.
create table registry_manifest_blobs (
  repository text collate "C" not null,
  manifest text collate "C" not null,
  blob text collate "C" not null,
  primary key (repository, manifest, blob),
  constraint registry_manifest_blobs_manifest foreign key (repository, manifest) references registry_manifests on delete cascade,
  constraint registry_manifest_blobs_blob foreign key (repository, blob) references registry_blobs
);
create index registry_manifest_blobs_needed on registry_manifest_blobs (repository, blob);

create table registry_index_manifests (
  repository text collate "C" not null,
  index_manifest text collate "C" not null,
  manifest text collate "C" not null,
  primary key (repository, index_manifest, manifest),
  constraint registry_index_manifests_index foreign key (repository, index_manifest) references registry_manifests on delete cascade,
  constraint registry_index_manifests_manifest foreign key (repository, manifest) references registry_manifests
);
create index registry_index_manifests_needed on registry_index_manifests (repository, manifest);

create table registry_tags (
  repository text collate "C" not null,
  tag text collate "C" not null,
  digest text collate "C" not null,
  tagged_at timestamptz not null default now(),
  primary key (repository, tag),
  constraint registry_tags_digest foreign key (repository, digest) references registry_manifests on delete cascade
);
create index registry_tags_of on registry_tags (repository, digest);

-- Tells this database from any other: blobs are deleted only on the word of the database that they belong to.
create table registry_identity (id text not null);
insert into registry_identity values (gen_random_uuid());
