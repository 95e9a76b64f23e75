CREATE TABLE "presence_choices" (
  "user_id" uuid PRIMARY KEY NOT NULL,
  "tenant_id" uuid NOT NULL,
  "choice" text NOT NULL,
  "shows_last_seen" boolean NOT NULL,
  "invisible_since" timestamp (3) with time zone,
  CONSTRAINT "presence_choices_choice" CHECK ("choice" IN ('online', 'away', 'busy', 'invisible'))
);
