CREATE TABLE "card_actions" (
  "conversation_id" uuid NOT NULL,
  "action_id" uuid NOT NULL,
  "tenant_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "actor_id" uuid NOT NULL,
  "owner_id" uuid NOT NULL,
  "request_key" text NOT NULL,
  "request_hash" text NOT NULL,
  "element" text NOT NULL,
  "given" json NOT NULL,
  "state" text NOT NULL,
  "answer" text,
  "created_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "card_actions_conversation_id_action_id_pk" PRIMARY KEY ("conversation_id", "action_id"),
  CONSTRAINT "card_actions_state" CHECK (state in ('waiting', 'ok', 'error', 'timeout'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "card_actions_request" ON "card_actions" USING btree ("conversation_id", "actor_id", "request_key");
--> statement-breakpoint
CREATE INDEX "card_actions_of_owner" ON "card_actions" USING btree ("owner_id", "created_at" DESC, "action_id" DESC);
--> statement-breakpoint
CREATE INDEX "card_actions_of_actor" ON "card_actions" USING btree ("actor_id");
--> statement-breakpoint
CREATE INDEX "card_actions_created" ON "card_actions" USING btree ("created_at");
