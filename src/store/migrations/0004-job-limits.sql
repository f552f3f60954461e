alter table jobs
  -- What this job may use, as it stood when a worker took it.
  add column limits jsonb,
  -- How often the worker that had it died, and how often something that may pass went wrong; a server that stops in peace counts as neither.
  add column losses integer not null default 0,
  add column retries integer not null default 0;
