-- Who may sign in. A name is never changed: images and the audit speak of people by it.
create table users (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  display_name text not null default '',
  email text not null default '',
  is_admin boolean not null default false,
  -- Of people who come from an identity provider: who it says they are.
  oidc_issuer text,
  oidc_subject text,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz,
  constraint users_oidc unique (oidc_issuer, oidc_subject),
  check ((oidc_issuer is null) = (oidc_subject is null))
);

create table groups (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  display_name text not null default '',
  limits jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table memberships (
  user_name text not null references users (name) on delete cascade,
  group_name text not null references groups (name) on delete cascade,
  role text not null check (role in ('admin', 'member')),
  primary key (user_name, group_name)
);
create index memberships_group on memberships (group_name, user_name);

-- API tokens. Of every secret text below only the SHA-256 is kept, in hex.
create table tokens (
  id uuid primary key default gen_random_uuid(),
  user_name text not null references users (name) on delete cascade,
  name text not null,
  hash text not null unique,
  -- The first characters, by which people tell their tokens apart.
  prefix text not null,
  scopes text[] not null check (scopes <@ array['read', 'write', 'admin'] and cardinality(scopes) > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index tokens_user on tokens (user_name, created_at desc);

create table sessions (
  hash text primary key,
  user_name text not null references users (name) on delete cascade,
  user_agent text not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_user on sessions (user_name);
create index sessions_expires_at on sessions (expires_at);

-- Each opens one session.
create table sign_in_links (
  hash text primary key,
  user_name text not null references users (name) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Every change that somebody made.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb not null default '{}'
);
create index audit_actor on audit (actor, id desc);
create index audit_target on audit (target, id desc);
