-- Where a tenant's own server is asked, by requests that are signed with a secret of its own.
CREATE TABLE "tenant_endpoints" (
  "tenant_id" uuid NOT NULL,
  "use" text NOT NULL,
  "url" text NOT NULL,
  "secret_sealed" text NOT NULL,
  "previous_secret_sealed" text,
  "previous_secret_until" timestamp (3) with time zone,
  "changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "tenant_endpoints_tenant_id_use_pk" PRIMARY KEY ("tenant_id", "use")
);
--> statement-breakpoint
-- Until then a process is telling the tenant's endpoint of the action; infinity once that has ended.
ALTER TABLE "card_actions" ADD COLUMN "call_until" timestamp (3) with time zone;
