-- Who posts in a conversation, slow mode, and the reasons of mutes and bans. All columns have constant defaults, so that no
-- row is written.
ALTER TABLE "conversations" ADD COLUMN "posting" text DEFAULT 'all' NOT NULL;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "slow_seconds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "participants" ADD COLUMN "mute_reason" text;--> statement-breakpoint
ALTER TABLE "kept_mutes" ADD COLUMN "mute_reason" text;--> statement-breakpoint
ALTER TABLE "conversation_bans" ADD COLUMN "reason" text;--> statement-breakpoint
CREATE TABLE "slow_mode_sends" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "slow_mode_sends_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id"),
	CONSTRAINT "slow_mode_sends_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("conversation_id") ON DELETE cascade
);
--> statement-breakpoint
-- Written with each message of a member in slow mode: rows find room for the next version on their own page (HOT).
ALTER TABLE "slow_mode_sends" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
