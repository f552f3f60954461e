-- What the platform offers its users. A name is free again once its image is deleted; jobs and logs of deleted images stay readable.
create table images (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  kind text not null check (kind in ('custom', 'existing')),
  display_name text not null default '',
  description text not null default '',
  type text not null check (type in ('cpu', 'gpu', 'universal')),
  is_global boolean not null default false,
  -- Who sees it beside its owners; nobody else when empty and not global.
  groups text[] not null default '{}',
  -- Whose administrators may change it; null: only the platform's administrators.
  owner_group text,
  -- Of a custom image: base, pull secret and package lists as typed.
  spec jsonb,
  -- Of an existing image.
  url text,
  gpu_url text,
  pull_secret text,
  -- Counts changes: an edit names the one that it was made from.
  version integer not null default 1,
  ready_revision text,
  ready_url text,
  latest_job_id uuid,
  -- State of that job, kept by the trigger below: lists sort and filter by it without a look at the jobs.
  latest_job_state text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  -- What a search looks through.
  search_text text not null generated always as (lower(name || ' ' || display_name)) stored
);
create unique index images_name on images (name) include (id) where deleted_at is null;
create index images_updated_at on images (updated_at, id) where deleted_at is null;
create index images_display_name on images (lower(display_name), id) where deleted_at is null;
create index images_search on images (search_text, updated_at, id) where deleted_at is null;
create index images_type on images (type, id) where deleted_at is null;
create index images_latest_job_state on images (latest_job_state, updated_at, id) where deleted_at is null;

-- One attempt to build an image. Its rows are the queue: a worker holds a job by a lease, and every write of a worker names the attempt that
-- it holds, so that one whose lease has passed on can change nothing.
create table jobs (
  id uuid primary key default gen_random_uuid(),
  image_id uuid not null references images (id) on delete cascade,
  image_name text not null,
  number integer not null,
  state text not null default 'Pending'
    check (state in ('Pending', 'Preparing', 'Running', 'Succeeded', 'Failed', 'Cancelled')),
  reason text not null check (reason in ('create', 'edit', 'rebuild', 'rollback')),
  requested_by text not null,
  owner_group text,
  spec jsonb not null,
  no_cache boolean not null default false,
  -- Of a rollback: the lock to build again. Of a finished job: what was built.
  lock jsonb,
  lock_digest text,
  revision text,
  image_url text,
  digest text,
  steps jsonb not null default '[]',
  -- How far a running job is, for people.
  progress jsonb,
  totals jsonb,
  failure jsonb,
  attempt integer not null default 0,
  worker text,
  lease_until timestamptz,
  not_before timestamptz not null default now(),
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  unique (image_id, number)
);
create unique index jobs_one_running_per_image on jobs (image_id) where state in ('Preparing', 'Running');
create index jobs_waiting on jobs (not_before, created_at) where state = 'Pending';
create index jobs_held on jobs (lease_until) where state in ('Preparing', 'Running');
create index jobs_created_at on jobs (created_at, id);
create index jobs_image_number on jobs (image_id, number desc);

create function note_latest_job_state() returns trigger language plpgsql as $$
  begin update images set latest_job_state = new.state where latest_job_id = new.id and latest_job_state is distinct from new.state; return null; end $$;
create trigger jobs_state after update of state on jobs for each row execute function note_latest_job_state();

-- What was built and can be pulled; never changed.
create table revisions (
  image_id uuid not null references images (id) on delete cascade,
  revision text not null,
  number integer not null,
  job_id uuid not null references jobs (id),
  spec jsonb not null,
  lock jsonb not null,
  lock_digest text not null,
  image_url text not null,
  digest text not null,
  created_at timestamptz not null default now(),
  primary key (image_id, revision)
);
