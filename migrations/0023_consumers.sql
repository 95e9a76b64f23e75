CREATE TABLE "consumers" (
	"name" text PRIMARY KEY NOT NULL,
	"stream_created_at" text NOT NULL,
	"position" bigint NOT NULL,
	"caught_up_at" timestamp (3) with time zone NOT NULL,
	"paused" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consumer_dead_letters" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	"consumer" text NOT NULL,
	"subject" text NOT NULL,
	"payload" "bytea" NOT NULL,
	"attempts" integer NOT NULL,
	"error" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "consumer_dead_letters_of" ON "consumer_dead_letters" USING btree ("consumer","id");
