CREATE TABLE "directory_channels" (
	"conversation_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"search_name" text COLLATE "C" NOT NULL,
	"members" integer NOT NULL,
	CONSTRAINT "directory_channels_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("conversation_id") ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX "directory_channels_by_name" ON "directory_channels" USING btree ("tenant_id","search_name","conversation_id");
--> statement-breakpoint
CREATE INDEX "directory_channels_by_members" ON "directory_channels" USING btree ("tenant_id","members" DESC,"conversation_id");
--> statement-breakpoint
CREATE TABLE "default_channels" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "default_channels_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id"),
	CONSTRAINT "default_channels_of_conversation" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("conversation_id") ON DELETE cascade
);
--> statement-breakpoint
-- Whichever way a user comes, by a token, a sign-up or a directory of the company: the job that adds it to the tenant's
-- default channels is there when the user is.
CREATE FUNCTION add_to_default_channels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO jobs (tenant_id, kind, payload, ready)
  SELECT NEW.tenant_id, 'add newcomer to default channels', jsonb_build_object('uid', NEW.id), true
  WHERE EXISTS (SELECT FROM default_channels WHERE tenant_id = NEW.tenant_id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER users_default_channels AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION add_to_default_channels();
