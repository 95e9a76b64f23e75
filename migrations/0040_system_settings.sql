-- What holds for the whole platform and is changed while it runs: one row.
CREATE TABLE "system_settings" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"maintenance" boolean DEFAULT false NOT NULL,
	"message" text,
	"until" timestamp (3) with time zone,
	"features" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"changed_at" timestamp (3) with time zone,
	CONSTRAINT "system_settings_one_row" CHECK (id = 1)
);
--> statement-breakpoint
INSERT INTO "system_settings" DEFAULT VALUES;
