-- The relay publishes what a writer left behind without a transaction that stays open while it waits for the bus.

-- The session that wrote the row: while it is there, and for as long as a publication may take, the row is its writer's own.
-- NULL when the writer has given it up. (The default is stable, so that no row is rewritten.)
ALTER TABLE "outbox" ADD COLUMN "writer_pid" integer DEFAULT pg_backend_pid();
--> statement-breakpoint
-- Work that one instance does at a time. A lease ends by itself, and with the session that took or renewed it last.
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" uuid NOT NULL,
	"holder_pid" integer NOT NULL,
	"held_until" timestamp (3) with time zone NOT NULL
);
