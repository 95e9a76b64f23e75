ALTER TABLE "messages" ADD COLUMN "previews" json;
--> statement-breakpoint
CREATE TABLE "link_previews" (
  "tenant_id" uuid NOT NULL,
  "url_hash" text NOT NULL,
  "preview" jsonb,
  "expires_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "link_previews_tenant_id_url_hash_pk" PRIMARY KEY ("tenant_id", "url_hash")
);
--> statement-breakpoint
CREATE INDEX "link_previews_expires" ON "link_previews" USING btree ("expires_at");
