-- A part of a name is found without looking at every image.
create extension if not exists pg_trgm;
drop index images_search;
create index images_search on images using gin (search_text gin_trgm_ops) where deleted_at is null;
