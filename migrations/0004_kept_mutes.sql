CREATE TABLE "kept_mutes" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"muted_until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "kept_mutes_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "kept_mutes" ADD CONSTRAINT "kept_mutes_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("conversation_id") ON DELETE cascade ON UPDATE no action;