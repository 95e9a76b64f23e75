CREATE TABLE "invitations" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"invited_by" uuid,
	"message" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "invitations_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id"),
	CONSTRAINT "invitations_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("conversation_id") ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX "invitations_of_user" ON "invitations" USING btree ("user_id","created_at","conversation_id");
--> statement-breakpoint
CREATE INDEX "invitations_of_inviter" ON "invitations" USING btree ("invited_by");
--> statement-breakpoint
CREATE INDEX "invitations_expiry" ON "invitations" USING btree ("expires_at");
--> statement-breakpoint
CREATE TABLE "invitation_links" (
	"conversation_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"code_hash" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "invitation_links_conversation_id_id_pk" PRIMARY KEY("conversation_id","id"),
	CONSTRAINT "invitation_links_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("conversation_id") ON DELETE cascade,
	CONSTRAINT "invitation_links_uses" CHECK ("uses" <= "max_uses")
);
--> statement-breakpoint
CREATE INDEX "invitation_links_code" ON "invitation_links" USING btree ("tenant_id","code_hash");
--> statement-breakpoint
CREATE INDEX "invitation_links_of_maker" ON "invitation_links" USING btree ("created_by");
--> statement-breakpoint
CREATE INDEX "invitation_links_expiry" ON "invitation_links" USING btree ("expires_at");
--> statement-breakpoint
CREATE TABLE "join_requests" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"message" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "join_requests_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id"),
	CONSTRAINT "join_requests_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("conversation_id") ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX "join_requests_of_user" ON "join_requests" USING btree ("user_id","created_at","conversation_id");
--> statement-breakpoint
CREATE INDEX "join_requests_expiry" ON "join_requests" USING btree ("expires_at");
