-- Storage settings and collations that the schema files cannot express.

-- Identifiers compare byte by byte: no locale's rules on the write path, the same order on every server.
ALTER TABLE "messages" ALTER COLUMN "mid" TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "reactions" ALTER COLUMN "emoji" TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "device_cursors" ALTER COLUMN "client_id" TYPE text COLLATE "C";--> statement-breakpoint

-- Rows that are updated all the time find room for the next version on their own page (HOT), and dead ones go soon.
ALTER TABLE "conversations" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint
ALTER TABLE "participants" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint
ALTER TABLE "device_cursors" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint

-- Grows for ever and changes little: vacuum and analyze after a number of rows, not after a share of them.
ALTER TABLE "messages" SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);--> statement-breakpoint

-- A queue: every row is deleted within moments, so its size says nothing about the dead rows in it. Its arrays are not
-- worth compressing.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000, toast.autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "outbox" ALTER COLUMN "conversation_ids" SET STORAGE EXTERNAL, ALTER COLUMN "firsts" SET STORAGE EXTERNAL, ALTER COLUMN "lasts" SET STORAGE EXTERNAL;
