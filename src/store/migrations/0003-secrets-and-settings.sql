-- What images are pulled with. The password is sealed, and good for its registry only.
create table pull_secrets (
  id uuid primary key,
  name text not null unique,
  registry_host text not null,
  username text not null,
  sealed_password text not null,
  -- Whose administrators may change it and whose images may use it; null: the platform's, for all images. It ends with the group, lest a
  -- later one of that name has it.
  owner_group text references groups (name) on delete cascade,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index pull_secrets_owner_group on pull_secrets (owner_group);

-- What administrators have set, one row a subject: `registry`.
create table settings (
  key text primary key,
  value jsonb not null,
  sealed text,
  -- Counts changes: an edit names the one that it was made from.
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- Where packages come from, and the way there.
create table package_sources (
  id uuid primary key,
  kind text not null check (kind in ('pip', 'conda', 'apt', 'ca-bundle', 'proxy')),
  name text not null unique,
  -- Without credentials; null for a bundle of certificates.
  url text,
  sealed_credentials text,
  -- Those of a kind are asked in this order.
  position integer not null default 0,
  options jsonb not null default '{}',
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index package_sources_one_default on package_sources (kind) where options->>'isDefault' = 'true';

-- What administrators offer to build upon, beside the images that are ready.
create table base_images (
  id uuid primary key default gen_random_uuid(),
  reference text not null unique,
  name text not null,
  description text not null default '',
  type text not null check (type in ('cpu', 'gpu', 'universal')),
  pull_secret text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
