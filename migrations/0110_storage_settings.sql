-- Messages are stored once and seldom changed: vacuum, which comes after a million inserts, freezes them then, while their
-- pages are in memory and in the log anyway (docs/decisions/0114-storage-settings.md).
ALTER TABLE "messages" SET (autovacuum_freeze_min_age = 0);
