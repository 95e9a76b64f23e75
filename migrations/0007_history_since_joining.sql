-- Who joins may be shown the whole history of a conversation, or what comes from then on. Both columns have constant
-- defaults, so that no row is written.
ALTER TABLE "conversations" ADD COLUMN "history_since_joining" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "participants" ADD COLUMN "history_from" bigint DEFAULT 1 NOT NULL;
